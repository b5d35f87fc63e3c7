/* test_ranks.c - messages between processes; to be started by mpirun, or alone. */
#include <string.h>
#include <time.h>

#include "ranks.h"
#include "tsr_test.h"

static tsr_ranks ranks;

static void wait_for(int *from, int *tag, size_t *size) {
    const struct timespec pulse = {0, 1000000};
    while (!tsr_ranks_look(&ranks, from, tag, size)) nanosleep(&pulse, NULL);
}

/* Everyone sends rank 0 its number so many times; rank 0 answers the sum. */
static void test_messages(void) {
    int from, tag, sum = 0, answer = 0;
    size_t size;
    if (ranks.size == 1) {
        CU_ASSERT_FALSE(tsr_ranks_look(&ranks, &from, &tag, &size));
        return;
    }
    for (int i = 0; i < ranks.rank; i++) tsr_ranks_send(&ranks, 0, 5, &ranks.rank, sizeof(int));
    if (ranks.rank) {
        wait_for(&from, &tag, &size);
        CU_ASSERT(from == 0 && tag == 6 && size == sizeof answer);
        tsr_ranks_receive(&ranks, from, tag, &answer, size);
        CU_ASSERT(answer > 0);
        return;
    }
    for (int left = ranks.size * (ranks.size - 1) / 2; left > 0; left--) {
        int number = 0;
        wait_for(&from, &tag, &size);
        CU_ASSERT(tag == 5 && size == sizeof number);
        tsr_ranks_receive(&ranks, from, tag, &number, sizeof number);
        CU_ASSERT_EQUAL(number, from);
        sum += number;
    }
    for (int i = 1; i < ranks.size; i++) {
        CU_ASSERT(sum >= i * i);
        tsr_ranks_send(&ranks, i, 6, &sum, sizeof sum);
    }
}

static void test_sum_and_share(void) {
    float v[1000];
    char text[40] = "";
    for (int i = 0; i < 1000; i++) v[i] = (float)(i + ranks.rank);
    tsr_ranks_sum(&ranks, v, 1000);
    int others = ranks.size * (ranks.size - 1) / 2;
    for (int i = 0; i < 1000; i += 37) CU_ASSERT_EQUAL(v[i], (float)(i * ranks.size + others));
    if (!ranks.rank) strcpy(text, "from rank 0");
    tsr_ranks_share(&ranks, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "from rank 0");
}

static void test_open(void) {
    CU_ASSERT_EQUAL_FATAL(tsr_ranks_open(&ranks, NULL), TSR_OK);
    CU_ASSERT(ranks.size >= 1 && ranks.rank >= 0 && ranks.rank < ranks.size);
}

static void test_close(void) {
    tsr_ranks_close(&ranks);
    CU_ASSERT(ranks.size == 1 && ranks.rank == 0);
}

TSR_TEST_MAIN("ranks", {"join", test_open}, {"messages", test_messages},
              {"sums and shared bytes", test_sum_and_share}, {"leave", test_close})
