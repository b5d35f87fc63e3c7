/* file_in.c - a whole file, or standard input, into memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "io_formats.h"

static tsr_status system_error(tsr_diag *d, const char *what) {
    return tsr_diag_set(d, TSR_ERR_IO, TSR_NO_OFFSET, "%s: %s", what, strerror(errno));
}

static tsr_status over_limit(uint64_t max_bytes, tsr_diag *d) {
    return tsr_diag_set(d, TSR_ERR_LIMIT, TSR_NO_OFFSET, "the file exceeds the limit of %llu bytes",
                        (unsigned long long)max_bytes);
}

static tsr_status no_memory(tsr_diag *d, uint64_t bytes) {
    return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a file of %llu bytes",
                        (unsigned long long)bytes);
}

/* Room for a regular file's size and one byte more, so that its end is seen without growing. */
static tsr_status make_room(int fd, uint64_t max_bytes, tsr_io_sink *s, tsr_diag *d) {
    struct stat info;
    if (fstat(fd, &info) || !S_ISREG(info.st_mode)) return TSR_OK;
    uint64_t size = (uint64_t)info.st_size;
    if (max_bytes && size > max_bytes) return over_limit(max_bytes, d);
    if (size >= SIZE_MAX / 2 || !tsr_io_sink_grow(s, (size_t)size + 1)) return no_memory(d, size);
    return TSR_OK;
}

static tsr_status read_to_end(int fd, uint64_t max_bytes, tsr_io_sink *s, tsr_diag *d) {
    for (;;) {
        if (!tsr_io_sink_grow(s, 1)) return no_memory(d, s->size);
        ssize_t n = read(fd, s->data + s->size, s->cap - s->size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return system_error(d, "cannot read");
        if (n == 0) return TSR_OK;
        s->size += (size_t)n;
        if (max_bytes && s->size > max_bytes) return over_limit(max_bytes, d);
    }
}

static tsr_status read_fd(int fd, uint64_t max_bytes, tsr_blob *out, tsr_diag *d) {
    tsr_io_sink s = {0};
    tsr_status st = make_room(fd, max_bytes, &s, d);
    if (!st) st = read_to_end(fd, max_bytes, &s, d);
    if (st || !s.size)
        free(s.data);
    else
        *out = (tsr_blob){s.data, s.size};
    return st;
}

tsr_status tsr_read_file(const char *path, uint64_t max_bytes, tsr_blob *out, tsr_diag *d) {
    *out = (tsr_blob){0};
    if (!strcmp(path, "-")) return read_fd(STDIN_FILENO, max_bytes, out, d);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return system_error(d, "cannot open");
    tsr_status st = read_fd(fd, max_bytes, out, d);
    close(fd);
    return st;
}
