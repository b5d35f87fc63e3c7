/* nearest.c - "did you mean": Damerau-Levenshtein distance (adjacent transposition counts one). */
#include <string.h>

#include <tessera/tessera.h>

#define LONGEST 48

static unsigned min3(unsigned a, unsigned b, unsigned c) {
    unsigned m = a < b ? a : b;
    return m < c ? m : c;
}

static unsigned distance(const char *a, size_t n, const char *b, size_t m) {
    unsigned d[3][LONGEST + 1]; /* rows i-2, i-1, i, rotating */
    for (size_t j = 0; j <= m; j++) d[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *row = d[i % 3], *up = d[(i + 2) % 3], *up2 = d[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = min3(up[j] + 1, row[j - 1] + 1, up[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                up2[j - 2] + 1 < row[j])
                row[j] = up2[j - 2] + 1;
        }
    }
    return d[n % 3][m];
}

const char *tsr_nearest_name(const char *word, const char *const *names, size_t n) {
    size_t len = strlen(word);
    if (!len || len > LONGEST) return NULL;
    const char *best = NULL;
    unsigned best_d = (unsigned)(len / 3 + 2); /* farther than this is another word */
    for (size_t i = 0; i < n; i++) {
        size_t m = strlen(names[i]);
        if (m > LONGEST) continue;
        unsigned d =
            m > len && !strncmp(word, names[i], len) ? 1 : distance(word, len, names[i], m);
        int common = d < (len > m ? len : m); /* a digit is not near another one */
        if (common && d < best_d) {
            best_d = d;
            best = names[i];
        }
    }
    return best;
}
