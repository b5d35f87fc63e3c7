/* plugin_check.c - the conformance suite: the table of checks, and running it. */
#include "plugin_check.h"

#include <string.h>

const tsr_check_entry tsr_check_table[] = {
    {"descriptor", "names, help, ids and capabilities are sound", tsr_check_descriptor},
    {"layout", "bands keep the rules for every size and number of planes", tsr_check_layout},
    {"layout-fresh", "the layout is the same in every instance", tsr_check_layout_fresh},
    {"layout-room", "layout() writes no more bands than there is room", tsr_check_layout_room},
    {"round-trip", "synthesis inverts analysis", tsr_check_round_trip},
    {"sizes", "every size from 1x1 and 1 to 4 planes come back", tsr_check_sizes},
    {"steps", "the error follows the step, at every effort", tsr_check_steps},
    {"gain", "gains are the energy of the synthesis basis", tsr_check_gain},
    {"layers", "missing later layers do not fail", tsr_check_layers},
    {"closed-loop", "later layers are made from the decoded earlier ones", tsr_check_closed_loop},
    {"reduce", "a smaller picture is that of the first bands", tsr_check_reduce},
    {"lossless", "whole numbers come back exactly", tsr_check_lossless},
    {"stepwise", "analysis reads the goal only when it says so", tsr_check_stepwise},
    {"threads", "workers and their order change nothing", tsr_check_threads},
    {"repeat", "the same input gives the same output again", tsr_check_repeat},
    {"cpu", "instruction sets change nothing", tsr_check_cpu},
    {"writes-all", "every coefficient and sample is written", tsr_check_writes_all},
    {"input", "the input is not changed", tsr_check_input},
    {"memory", "the rules of alloc() are kept", tsr_check_memory},
    {"leak", "close() leaves nothing behind", tsr_check_leak},
    {"alloc-failure", "every refused allocation is reported", tsr_check_alloc_failure},
    {"cancel", "a wish to stop is obeyed", tsr_check_cancel},
    {"side-save", "side information is the same whenever asked", tsr_check_side_save},
    {"side-cut", "side information cut short is refused", tsr_check_side_cut},
    {"side-hostile", "forged side information does no harm", tsr_check_side_hostile},
    {"model", "forged and cut models do no harm", tsr_check_model},
    {"params", "every parameter works over its range", tsr_check_params},
    {"file", "every kind of picture is encoded and decoded", tsr_check_file},
    {"file-threads", "files and pixels are the same on 1, 2 and 7 threads", tsr_check_file_threads},
    {"file-lossless", "lossless files are exact", tsr_check_file_lossless},
    {0},
};

static bool wanted(const char *name, const char *const *only) {
    if (!only) return true;
    for (; *only; only++)
        if (!strcmp(*only, name)) return true;
    return false;
}

tsr_check_tally tsr_check_run(const tsr_check_subject *subject, const tsr_check_plan *plan) {
    tsr_check_tally tally = {0};
    for (const tsr_check_entry *e = tsr_check_table; e->name; e++) {
        tsr_check_result r;
        if (!wanted(e->name, plan->only)) continue;
        tsr_check_isolate(e, subject, plan->seconds, &r);
        tally.ok += r.outcome == TSR_CHECK_OK;
        tally.failed += r.outcome == TSR_CHECK_FAILED;
        tally.skipped += r.outcome == TSR_CHECK_SKIPPED;
        if (!plan->listener(plan->user, e, &r)) break;
    }
    return tally;
}
