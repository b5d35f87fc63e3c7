/* cmd_train.c - tessera train: fits the tables that are part of the codec to a folder of
 * photographs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/train.h>

#include "io.h"
#include "picture.h"
#include "picture_folder.h"

static const char *const codebook_kinds[] = {"ec", "kmeans", NULL};

static const tsr_option options[] = {
    {.name = "data",
     .type = TSR_OPTION_FILE,
     .arg = "DIR",
     .help = "folder of training photographs: every file in it that is a picture"},
    {.name = "output",
     .letter = 'o',
     .type = TSR_OPTION_FILE,
     .arg = "FILE",
     .help = "where the table goes"},
    {.name = "every",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 1,
     .max = 1e6,
     .def = "1",
     .help = "use one picture in N"},
    {.name = "seed",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 0,
     .max = 1e9,
     .def = "1",
     .help = "of all sampling"},
    {.name = "codec",
     .letter = 'c',
     .type = TSR_OPTION_SPEC,
     .arg = "SPEC",
     .def = "wavelet/trellis:passes=1/adaptive",
     .help = "codec whose levels are learnt from"},
    {.name = "kind",
     .type = TSR_OPTION_CHOICE,
     .arg = "KIND",
     .choices = codebook_kinds,
     .def = "ec",
     .help = "of the codebook: entropy-constrained or k-means"},
    {.name = "shapes",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 1,
     .max = 255,
     .def = "255",
     .help = "of each book of the codebook"},
    {0},
};

static const tsr_example weights_examples[] = {
    {"tessera train weights --data photos -o weights.txt", "the rows of codec/coef_weights.h"},
    {0},
};

static const tsr_example rates_examples[] = {
    {"tessera train rates --data photos -o rates.bin", "codec/models/rates.bin"},
    {0},
};

static const tsr_example start_examples[] = {
    {"tessera train start --data photos -o mixstart.bin", "codec/models/mixstart.bin"},
    {0},
};

static const tsr_example prior_examples[] = {
    {"tessera train prior --data photos -o prior.bin", "codec/models/prior.bin"},
    {"tessera train prior --data photos -c wavelet:levels=6/codebook/mix -o prior_vector.bin",
     "codec/models/prior_vector.bin"},
    {0},
};

static const tsr_example codebook_examples[] = {
    {"tessera train codebook --data photos -o codebook.bin", "codec/models/codebook.bin"},
    {"tessera train codebook --kind kmeans --data photos -o codebook_kmeans.bin",
     "codec/models/codebook_kmeans.bin"},
    {0},
};

static const tsr_example klt_examples[] = {
    {"tessera train klt --data photos -o klt.bin", "transforms/klt/klt.bin"},
    {0},
};

static const tsr_example filter_examples[] = {
    {"tessera train filter --data photos -o postfilter.bin", "codec/models/postfilter.bin"},
    {0},
};

/* The pictures of a folder in name order. */
typedef struct picture_list {
    tsr_picture_folder folder;
    int n, every;
} picture_list;

/* Reads picture i; what is no picture is reported and skipped: *im then owns nothing. */
static tsr_status list_read(tsr_cli *cli, const picture_list *l, int i, tsr_image *im) {
    char path[4096];
    tsr_picture_folder_path(&l->folder, i, path, sizeof path);
    *im = (tsr_image){0};
    if (tsr_cli_interrupted()) return TSR_ERR_CANCELLED;
    if (tsr_picture_read(cli, path, im, NULL))
        tsr_cli_note(cli, "%s: skipped: %s", path, cli->diag.text);
    return TSR_OK;
}

static tsr_status no_picture(tsr_cli *cli) {
    return tsr_diag_set(&cli->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "no picture in the folder");
}

/* What is fitted: one of these is made, fed with pictures at many steps, and finished. */
typedef struct trainer {
    tsr_context_fit *context;
    tsr_mix_fit *mix;
    tsr_prior_fit *prior;
    const char *spec;
} trainer;

static tsr_status feed(tsr_cli *cli, trainer *t, const tsr_image *im, unsigned turn) {
    static const double steps[] = {12, 40, 100, 25, 60, 160, 18, 80, 30};
    tsr_encode_options o;
    tsr_encode_options_init(&o);
    o.spec = t->spec;
    o.target = TSR_TARGET_STEP;
    o.postfilter = TSR_POSTFILTER_OFF;
    o.value = steps[turn % (sizeof steps / sizeof *steps)];
    if (t->mix) return tsr_mix_fit_add(t->mix, cli->ctx, im, &o, &cli->diag);
    if (t->prior) return tsr_prior_fit_add(t->prior, cli->ctx, im, &o, &cli->diag);
    return tsr_context_fit_add(t->context, cli->ctx, im, &o, &cli->diag);
}

static tsr_status feed_all(tsr_cli *cli, trainer *t, const picture_list *l) {
    tsr_status s = TSR_OK;
    unsigned turn = 0;
    for (int i = 0; i < l->n && !s; i += l->every) {
        tsr_image im;
        tsr_progress_update(&cli->progress, "train", (double)i / l->n);
        s = list_read(cli, l, i, &im);
        if (!s && im.pixels) s = feed(cli, t, &im, turn++);
        tsr_image_free(&im);
    }
    return s || turn ? s : no_picture(cli);
}

static tsr_status no_memory(tsr_cli *cli) {
    return tsr_diag_set(&cli->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for training");
}

static tsr_status train_context(tsr_cli *cli, const tsr_args *args, const picture_list *l,
                                int rates, tsr_blob *out) {
    trainer t = {.context = tsr_context_fit_new((uint64_t)tsr_args_int(args, "seed")),
                 .spec = tsr_args_text(args, "codec")};
    tsr_status s = t.context ? feed_all(cli, &t, l) : no_memory(cli);
    if (!s)
        s = rates ? tsr_context_fit_rates(t.context, out, &cli->diag)
                  : tsr_context_fit_finish(t.context, out, &cli->diag);
    tsr_context_fit_free(t.context);
    return s;
}

static tsr_status train_start(tsr_cli *cli, const tsr_args *args, const picture_list *l,
                              tsr_blob *out) {
    trainer t = {.mix = tsr_mix_fit_new(), .spec = tsr_args_text(args, "codec")};
    tsr_status s = t.mix ? feed_all(cli, &t, l) : no_memory(cli);
    if (!s) s = tsr_mix_fit_finish(t.mix, out, &cli->diag);
    tsr_mix_fit_free(t.mix);
    return s;
}

/* Trains on what the codec's quantizer gave: vectors of a codebook or levels. */
static tsr_status learn_prior(tsr_cli *cli, const tsr_prior_fit *f, uint64_t seed, tsr_blob *out) {
    size_t n, vectors;
    double bits[2];
    const tsr_prior_sample *sample = tsr_prior_fit_samples(f, &n);
    const tsr_prior_vector_sample *vector = tsr_prior_fit_vectors(f, &vectors);
    tsr_prior_options o = {.epochs = vector ? 64 : 4, .seed = seed};
    tsr_status s = vector ? tsr_train_prior_vector(&o, vector, vectors, bits, out, &cli->diag)
                          : tsr_train_prior(&o, sample, n, bits, out, &cli->diag);
    if (!s)
        tsr_cli_note(cli, "%zu %s: %.4f bits each, %.4f with the network", vector ? vectors : n,
                     vector ? "vectors" : "decisions", bits[0], bits[1]);
    return s;
}

static tsr_status train_prior(tsr_cli *cli, const tsr_args *args, const picture_list *l,
                              tsr_blob *out) {
    uint64_t seed = (uint64_t)tsr_args_int(args, "seed");
    trainer t = {.prior = tsr_prior_fit_new(seed), .spec = tsr_args_text(args, "codec")};
    tsr_status s = t.prior ? feed_all(cli, &t, l) : no_memory(cli);
    if (!s) s = learn_prior(cli, t.prior, seed, out);
    tsr_prior_fit_free(t.prior);
    return s;
}

enum { SHARE = 5, PIXELS = 6 };

/* Feeds a set of the filter with its fifth of the pictures, one pixel in six. */
static tsr_status feed_set(tsr_cli *cli, const char *spec, const picture_list *l, uint32_t set,
                           tsr_filter_fit *f) {
    tsr_status s = TSR_OK;
    unsigned turn = 0;
    for (int i = (int)(set % SHARE) * l->every; i < l->n && !s; i += SHARE * l->every) {
        tsr_image im;
        tsr_progress_update(&cli->progress, "train",
                            (set + (double)i / l->n) / tsr_filter_fit_sets());
        s = list_read(cli, l, i, &im);
        if (!s && im.pixels) {
            s = tsr_filter_fit_add(f, cli->ctx, &im, spec, 5, PIXELS, &cli->diag);
            turn++;
        }
        tsr_image_free(&im);
    }
    if (!s && !turn)
        s = tsr_diag_set(&cli->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                         "too few pictures: each fifth of the files needs one, set %u has none",
                         set + 1);
    return s;
}

static tsr_status train_filter(tsr_cli *cli, const tsr_args *args, const picture_list *l,
                               tsr_blob *out) {
    const char *spec = tsr_args_text(args, "codec");
    tsr_filter_fit *f = tsr_filter_fit_new((uint64_t)tsr_args_int(args, "seed"));
    tsr_status s = !f ? no_memory(cli) : l->n ? TSR_OK : no_picture(cli);
    for (uint32_t set = 0; !s && set < tsr_filter_fit_sets(); set++) {
        tsr_filter_fit_begin(f, set);
        s = feed_set(cli, spec, l, set, f);
        if (!s) tsr_filter_fit_end(f);
    }
    if (!s) s = tsr_filter_fit_finish(f, out, &cli->diag);
    tsr_filter_fit_free(f);
    return s;
}

/* One pass over all pictures; three of four are coded with the wavelet, the others with a block
 * transform. */
static tsr_status feed_pass(tsr_cli *cli, const picture_list *l, uint32_t pass,
                            tsr_codebook_fit *f) {
    static const char *const transforms[] = {"wavelet", "wavelet", "wavelet", "dct"};
    tsr_status s = TSR_OK;
    unsigned turn = 0;
    for (int i = 0; i < l->n && !s; i += l->every) {
        tsr_image im;
        tsr_progress_update(&cli->progress, "train",
                            (pass + (double)i / l->n) / tsr_codebook_fit_passes(f));
        s = list_read(cli, l, i, &im);
        if (!s && im.pixels)
            s = tsr_codebook_fit_add(f, cli->ctx, &im, transforms[turn++ % 4], &cli->diag);
        tsr_image_free(&im);
    }
    return s || turn ? s : no_picture(cli);
}

static tsr_status train_codebook(tsr_cli *cli, const tsr_args *args, const picture_list *l,
                                 tsr_blob *out) {
    /* lambda: about what the quantizers charge for a bit. */
    tsr_codebook_fit_options o = {.shapes = (uint32_t)tsr_args_int(args, "shapes"),
                                  .kmeans = (uint32_t)tsr_args_int(args, "kind"),
                                  .lambda = 0.11f,
                                  .seed = (uint64_t)tsr_args_int(args, "seed")};
    tsr_codebook_fit *f = tsr_codebook_fit_new(&o);
    tsr_status s = f ? TSR_OK : no_memory(cli);
    uint32_t passes = f ? tsr_codebook_fit_passes(f) : 0;
    for (uint32_t pass = 0; !s && pass < passes; pass++) {
        s = feed_pass(cli, l, pass, f);
        if (!s) s = tsr_codebook_fit_end_pass(f, cli->ctx, &cli->diag);
    }
    if (!s) s = tsr_codebook_fit_finish(f, out, &cli->diag);
    tsr_codebook_fit_free(f);
    return s;
}

static tsr_status train_klt(tsr_cli *cli, const tsr_args *args, const picture_list *l,
                            tsr_blob *out) {
    tsr_klt_fit_options o = {.seed = (uint64_t)tsr_args_int(args, "seed")};
    tsr_klt_fit *f = tsr_klt_fit_new(&o);
    tsr_status s = f ? TSR_OK : no_memory(cli);
    for (int i = 0; i < l->n && !s; i += l->every) {
        tsr_image im;
        tsr_progress_update(&cli->progress, "train", (double)i / l->n);
        s = list_read(cli, l, i, &im);
        if (!s && im.pixels) s = tsr_klt_fit_add(f, cli->ctx, &im, &cli->diag);
        tsr_image_free(&im);
    }
    if (!s) s = tsr_klt_fit_finish(f, out, &cli->diag);
    tsr_klt_fit_free(f);
    return s;
}

static tsr_status train(tsr_cli *cli, const tsr_args *args, const char *what, const picture_list *l,
                        tsr_blob *out) {
    if (!strcmp(what, "filter")) return train_filter(cli, args, l, out);
    if (!strcmp(what, "klt")) return train_klt(cli, args, l, out);
    if (!strcmp(what, "codebook")) return train_codebook(cli, args, l, out);
    if (!strcmp(what, "start")) return train_start(cli, args, l, out);
    if (!strcmp(what, "prior")) return train_prior(cli, args, l, out);
    return train_context(cli, args, l, !strcmp(what, "rates"), out);
}

/* The table that a subcommand makes. */
static int run_table(tsr_cli *cli, const tsr_args *args, const tsr_command *cmd) {
    const char *dir = tsr_args_text(args, "data"), *out_path = tsr_args_text(args, "output");
    picture_list l = {.every = (int)tsr_args_int(args, "every")};
    tsr_blob out = {0};
    if (!dir || !out_path) return tsr_cli_usage(cmd, "--data DIR and --output FILE are needed");
    tsr_status s = tsr_picture_folder_open(&l.folder, cli, dir);
    l.n = l.folder.n;
    tsr_progress_begin(&cli->progress, "train");
    if (!s) s = train(cli, args, tsr_command_word(cmd), &l, &out);
    tsr_progress_end(&cli->progress);
    const char *where = dir;
    if (!s) {
        where = out_path;
        s = tsr_write_file(out_path, out.data, out.size, &cli->diag);
    }
    tsr_picture_folder_close(&l.folder);
    tsr_blob_free(&out);
    return s ? tsr_cli_fail(cli, where, s) : TSR_EXIT_OK;
}

#define TABLE(table, text, more)                                                                   \
    static int run_##table(tsr_cli *cli, const tsr_args *args);                                    \
    static const tsr_command table##_command = {                                                   \
        .name = "train " #table,                                                                   \
        .summary = text,                                                                           \
        .operands = "",                                                                            \
        .description =                                                                             \
            more " The result is copied over the table it replaces in the source (see "            \
                 "the example), and the program is built again. rates, start, prior "              \
                 "and filter follow weights: fit them in this order. New weights, "                \
                 "start, prior, filter or klt change what streams decode to: raise the format "    \
                 "version.",                                                                       \
        .options = options,                                                                        \
        .examples = table##_examples,                                                              \
        .run = run_##table,                                                                        \
    };                                                                                             \
    static int run_##table(tsr_cli *cli, const tsr_args *args) {                                   \
        return run_table(cli, args, &table##_command);                                             \
    }

TABLE(weights, "fit how the neighbours of a coefficient predict its magnitude",
      "Fits the weights of the energy features to the pictures of a folder.")
TABLE(rates, "fit what a level costs, for the encoder's search",
      "Fits the rate tables of the encoder's search to the pictures of a folder.")
TABLE(start, "fit the state in which the entropy coder mix begins",
      "Fits the start state of the entropy coder mix to the pictures of a folder.")
TABLE(prior, "fit the network that advises the entropy coder mix",
      "Trains the network that mix:prior=on asks about the neighbourhood of a coefficient on the "
      "pictures of a folder, for a few minutes. With the quantizer codebook in --codec it is the "
      "network that is asked about vectors.")
TABLE(
    codebook, "fit the shapes of the quantizer codebook, and what codes them",
    "Fits the vectors of the quantizer codebook and the weights, probabilities and start state "
    "that "
    "code them to the pictures of a folder, by entropy-constrained Lloyd iterations. The pictures "
    "are read four times, for kmeans three times.")
TABLE(klt, "fit the bases of the transform klt",
      "Fits the bases of the transform klt to the pictures of a folder.")
TABLE(filter, "fit the post filter", "Fits the post filter to the pictures of a folder.")

const tsr_command tsr_cmd_train = {
    .name = "train",
    .summary = "train the models of learned codecs, and the codec's own tables",
    .operands = "",
    .description = "Trains the networks of the vqvae transform on a folder of photographs, or fits "
                   "one of the tables that are built into the codec.",
    .subs = (const tsr_command *const[]){&tsr_cmd_train_vqvae, &weights_command, &rates_command,
                                         &start_command, &prior_command, &filter_command,
                                         &codebook_command, &klt_command, NULL},
};
