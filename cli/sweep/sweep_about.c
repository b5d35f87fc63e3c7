/* sweep_about.c - run.json: what a reader of the results must know about how they were made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <tessera/sha256.h>

#include "io.h"
#include "json.h"
#include "sweep.h"

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* "model name : ..." of the system's description of its processors. */
static void cpu_name(char *out, size_t size) {
    char line[512];
    FILE *f = fopen("/proc/cpuinfo", "r");
    snprintf(out, size, "unknown");
    while (f && fgets(line, sizeof line, f)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) || !colon) continue;
        line[strcspn(line, "\n")] = 0;
        snprintf(out, size, "%s", colon + 2);
        break;
    }
    if (f) fclose(f);
}

/* SHA-256 of this program's file: tells builds apart. */
static void build_hash(char out[65]) {
    uint8_t digest[TSR_SHA256_BYTES];
    tsr_blob file = {0};
    tsr_sha256 h;
    out[0] = 0;
    if (tsr_read_file("/proc/self/exe", 0, &file, NULL)) return;
    tsr_sha256_init(&h);
    tsr_sha256_update(&h, file.data, file.size);
    tsr_sha256_final(&h, digest);
    tsr_sha256_hex(digest, out);
    tsr_blob_free(&file);
}

/* The arguments as they were given, from the system, which keeps them. */
static void command_line(tsr_json *j) {
    tsr_blob file = {0};
    tsr_json_array(j, "command");
    if (!tsr_read_file("/proc/self/cmdline", 1 << 20, &file, NULL))
        for (size_t at = 0; at < file.size;) {
            const char *arg = (const char *)file.data + at;
            size_t n = strnlen(arg, file.size - at);
            if (n == file.size - at) break;
            tsr_json_text(j, NULL, arg);
            at += n + 1;
        }
    tsr_json_end(j);
    tsr_blob_free(&file);
}

static int takes_part(const tsr_sweep *s, const char *peer) {
    for (size_t i = 0; i < s->codecs.n; i++)
        if (s->codecs.v[i].peer && !strcmp(s->codecs.v[i].peer->name, peer)) return 1;
    return 0;
}

/* Those that take part: to ask others would load their libraries. */
static void peers(tsr_json *j, const tsr_sweep *s) {
    tsr_json_object(j, "peers");
    for (const char *const *name = tsr_peer_names; *name; name++) {
        const tsr_peer *p;
        char version[128];
        if (!takes_part(s, *name) || tsr_peer_find(*name, &p, NULL)) continue;
        p->version(version, sizeof version);
        tsr_json_text(j, p->name, version);
    }
    tsr_json_end(j);
}

static void print_about(FILE *f, const tsr_sweep *s) {
    char cpu[256], build[65], date[40];
    time_t now = time(NULL);
    struct tm utc;
    tsr_json j = tsr_json_begin(f);
    cpu_name(cpu, sizeof cpu);
    build_hash(build);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    tsr_json_object(&j, NULL);
    tsr_json_text(&j, "tessera", tsr_version());
    tsr_json_text(&j, "build_sha256", build);
    tsr_json_text(&j, "compiler", COMPILER);
    tsr_json_text(&j, "date", date);
    command_line(&j);
    tsr_json_text(&j, "cpu", cpu);
    tsr_json_int(&j, "processors", sysconf(_SC_NPROCESSORS_ONLN));
    tsr_json_int(&j, "threads", s->threads);
    tsr_json_int(&j, "ranks", s->ranks->size);
    tsr_json_text(&j, "metrics", s->metrics);
    peers(&j, s);
    tsr_json_end(&j);
}

tsr_status tsr_sweep_write_about(tsr_sweep *s, tsr_diag *d) {
    char path[TSR_RESULTS_PATH], *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (f) {
        print_about(f, s);
        fclose(f);
    }
    if (!text) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory");
    tsr_status st = tsr_write_file(tsr_results_path(&s->results, "run.json", path), text, size, d);
    free(text);
    return st;
}
