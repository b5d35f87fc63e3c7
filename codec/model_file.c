/* model_file.c - the .tsm file: magic, chunks as in a stream, a text and named sections. */
#include <string.h>
#include <tessera/model.h>

#include "container.h"
#include "model_store.h"

enum { VERSION = 1, MAX_META = 1 << 16, CHUNK_META = 'M', CHUNK_SECTION = 'N' };

static const uint8_t magic[4] = {0xd4, 'T', 'S', 'M'};

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

int tsr_is_model(const void *data, size_t size) {
    return size >= sizeof magic && !memcmp(data, magic, sizeof magic);
}

int tsr_model_name_legal(const char *name) {
    size_t n = strlen(name);
    if (!n || n >= TSR_MODEL_NAME_SIZE || name[0] == '.' || name[0] == '_' || name[0] == '-')
        return 0;
    return strspn(name, LOWER DIGITS "._-") == n;
}

/* n characters of a key or of a section's name. */
static int legal_word(const char *s, size_t n) {
    if (n < 1 || n > 31 || s[0] < 'a' || s[0] > 'z') return 0;
    for (size_t i = 0; i < n; i++)
        if (!s[i] || !strchr(LOWER DIGITS "_", s[i])) return 0;
    return 1;
}

/* ---- the text ---- */

/* The line at *pos, without its end; 0 at the end of the text or when the line has no end. */
static int next_line(const tsr_model_file *m, size_t *pos, const char **line, size_t *n) {
    const char *at = m->meta + *pos;
    const char *end = *pos < m->meta_size ? memchr(at, '\n', m->meta_size - *pos) : NULL;
    if (!end) return 0;
    *line = at;
    *n = (size_t)(end - at);
    *pos += *n + 1;
    return 1;
}

static int legal_line(const char *line, size_t n) {
    const char *equals = memchr(line, '=', n);
    if (!equals || !legal_word(line, (size_t)(equals - line))) return 0;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)line[i] < 32 || line[i] == 127) return 0;
    return 1;
}

int tsr_model_value(const tsr_model_file *m, const char *key, char *out, size_t size) {
    const char *line;
    size_t pos = 0, n, k = strlen(key);
    out[0] = 0;
    while (next_line(m, &pos, &line, &n)) {
        if (n <= k || memcmp(line, key, k) || line[k] != '=') continue;
        size_t take = n - k - 1 < size - 1 ? n - k - 1 : size - 1;
        memcpy(out, line + k + 1, take);
        out[take] = 0;
        return 1;
    }
    return 0;
}

/* What is wrong with the text, or NULL. */
static const char *meta_problem(const tsr_model_file *m) {
    char name[TSR_MODEL_NAME_SIZE + 1];
    const char *line;
    size_t pos = 0, n;
    if (m->meta_size > MAX_META) return "its text is too long";
    while (next_line(m, &pos, &line, &n))
        if (!legal_line(line, n)) return "its text is not lines of key=value";
    if (pos != m->meta_size) return "its text does not end with a line";
    if (!tsr_model_value(m, "name", name, sizeof name)) return "its text has no name";
    return tsr_model_name_legal(name) ? NULL : "its name is not legal";
}

static const char *sections_problem(const tsr_model_file *m) {
    if (m->n_sections > TSR_MODEL_MAX_SECTIONS) return "it has too many sections";
    for (uint32_t i = 0; i < m->n_sections; i++) {
        const tsr_model_section *s = &m->section[i];
        if (!legal_word(s->name, strnlen(s->name, sizeof s->name)))
            return "the name of a section is not legal";
        if (tsr_model_find_section(m, s->name) != s) return "two sections have the same name";
    }
    return NULL;
}

const tsr_model_section *tsr_model_find_section(const tsr_model_file *m, const char *name) {
    for (uint32_t i = 0; i < m->n_sections; i++)
        if (!strcmp(m->section[i].name, name)) return &m->section[i];
    return NULL;
}

/* ---- writing ---- */

static void put_section(tsr_buffer *b, const tsr_model_section *s) {
    tsr_buffer payload = {0};
    tsr_put_u8(&payload, (uint8_t)strlen(s->name));
    tsr_put_bytes(&payload, s->name, strlen(s->name));
    tsr_put_bytes(&payload, s->data, s->size);
    tsr_put_chunk(b, CHUNK_SECTION, payload.data, payload.size);
    b->failed |= payload.failed;
    tsr_buffer_free(&payload);
}

tsr_status tsr_model_write(const tsr_model_file *m, tsr_blob *out, tsr_diag *d) {
    tsr_buffer b = {0};
    *out = (tsr_blob){0};
    const char *what = meta_problem(m);
    if (!what) what = sections_problem(m);
    if (what)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "cannot write the model: %s", what);
    tsr_put_bytes(&b, magic, sizeof magic);
    tsr_put_u8(&b, VERSION);
    tsr_put_chunk(&b, CHUNK_META, m->meta, m->meta_size);
    for (uint32_t i = 0; i < m->n_sections; i++) put_section(&b, &m->section[i]);
    if (b.failed) {
        tsr_buffer_free(&b);
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the model");
    }
    *out = (tsr_blob){b.data, b.size};
    return TSR_OK;
}

/* ---- reading ---- */

static tsr_status corrupt(tsr_diag *d, size_t offset, const char *what) {
    return tsr_diag_set(d, TSR_ERR_FORMAT, offset, "corrupt model: %s", what);
}

static tsr_status take_section(tsr_model_file *m, const tsr_chunk *c, tsr_diag *d) {
    tsr_reader r = {.data = c->data, .size = c->size};
    size_t n = tsr_get_u8(&r);
    const uint8_t *name = tsr_get_bytes(&r, n);
    if (!name || !legal_word((const char *)name, n))
        return corrupt(d, c->offset, "the name of a section is not legal");
    if (m->n_sections == TSR_MODEL_MAX_SECTIONS)
        return corrupt(d, c->offset, "it has too many sections");
    tsr_model_section *s = &m->section[m->n_sections++];
    memset(s->name, 0, sizeof s->name);
    memcpy(s->name, name, n);
    s->data = c->data + r.pos;
    s->size = c->size - r.pos;
    return TSR_OK;
}

static tsr_status take_chunk(tsr_model_file *m, const tsr_chunk *c, size_t size, tsr_diag *d) {
    if (c->truncated) return tsr_diag_set(d, TSR_ERR_TRUNCATED, size, "the model is truncated");
    if (c->type == CHUNK_META) {
        if (m->meta) return corrupt(d, c->offset, "it has two texts");
        m->meta = (const char *)c->data;
        m->meta_size = c->size;
        const char *what = meta_problem(m);
        return what ? corrupt(d, c->offset, what) : TSR_OK;
    }
    if (!m->meta) return corrupt(d, c->offset, "it does not begin with its text");
    if (c->type == CHUNK_SECTION) return take_section(m, c, d);
    if (c->type >= 'a') return TSR_OK;
    return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, c->offset,
                        "critical chunk '%c' is of a later model format", c->type);
}

static tsr_status check_start(const void *data, size_t size, tsr_diag *d) {
    const uint8_t *bytes = data;
    if (size > TSR_MODEL_MAX_BYTES)
        return tsr_diag_set(d, TSR_ERR_LIMIT, TSR_NO_OFFSET,
                            "a model of %zu bytes exceeds the limit of %zu", size,
                            TSR_MODEL_MAX_BYTES);
    if (!tsr_is_model(data, size))
        return tsr_diag_set(d, TSR_ERR_FORMAT, 0, "not a model: the magic number is missing");
    if (size == sizeof magic)
        return tsr_diag_set(d, TSR_ERR_TRUNCATED, size, "the model is truncated");
    if (bytes[sizeof magic] != VERSION)
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, sizeof magic,
                            "model version %u; this program reads version %u", bytes[sizeof magic],
                            VERSION);
    return TSR_OK;
}

tsr_status tsr_model_read(tsr_model_file *m, const void *data, size_t size, tsr_diag *d) {
    tsr_reader r = {.data = data, .size = size, .pos = sizeof magic + 1};
    tsr_chunk c = {0};
    int end = 0;
    *m = (tsr_model_file){0};
    tsr_status s = check_start(data, size, d);
    while (!s && !end) {
        s = tsr_next_chunk(&r, &c, &end, d);
        if (!s && !end) s = take_chunk(m, &c, size, d);
    }
    if (!s && !m->meta)
        s = tsr_diag_set(d, TSR_ERR_TRUNCATED, size, "the model is truncated: it has no text");
    const char *what = s ? NULL : sections_problem(m);
    return what ? corrupt(d, TSR_NO_OFFSET, what) : s;
}
