/* test_sha256.c - SHA-256 on the example messages of NIST (FIPS 180-4 examples and the long message
 * of a million letters a), and independence of the pieces in which a message arrives. */
#include <string.h>

#include <tessera/sha256.h>

#include "tsr_test.h"

/* Hashes n bytes handed over in pieces of piece bytes. */
static const char *hash(const void *data, size_t n, size_t piece, char text[65]) {
    tsr_sha256 s;
    uint8_t out[TSR_SHA256_BYTES];
    tsr_sha256_init(&s);
    for (size_t i = 0; i < n; i += piece)
        tsr_sha256_update(&s, (const char *)data + i, n - i < piece ? n - i : piece);
    tsr_sha256_final(&s, out);
    tsr_sha256_hex(out, text);
    return text;
}

static void test_examples(void) {
    static const char *const example[][2] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
         "lmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    char text[65];
    for (size_t i = 0; i < sizeof example / sizeof *example; i++) {
        const char *m = example[i][0];
        CU_ASSERT_STRING_EQUAL(hash(m, strlen(m), 64, text), example[i][1]);
    }
}

static void test_million(void) {
    static char a[1000000];
    char text[65];
    memset(a, 'a', sizeof a);
    CU_ASSERT_STRING_EQUAL(hash(a, sizeof a, 1000, text),
                           "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Around the block and padding borders at 55, 56, 63, 64 bytes, in pieces of every size. */
static void test_pieces(void) {
    char message[200], whole[65], pieces[65];
    for (size_t i = 0; i < sizeof message; i++) message[i] = (char)(i * 37);
    for (size_t n = 0; n <= sizeof message; n++) {
        hash(message, n, sizeof message, whole);
        for (size_t piece = 1; piece < 70; piece++)
            CU_ASSERT_STRING_EQUAL(hash(message, n, piece, pieces), whole);
    }
}

TSR_TEST_MAIN("sha256", {"examples of NIST", test_examples}, {"a million letters", test_million},
              {"pieces of any size", test_pieces})
