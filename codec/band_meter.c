/* band_meter.c - accounting for the length of bands.
 *
 * Coding a decision of probability p multiplies the range by p, so the bits consumed up to any
 * point are 8 for each byte read plus 32 - log2(range): the ideal code length to within the
 * rounding of the coder. Only differences are used. Nothing is counted within a band: the cost of
 * metering is two logarithms a band.
 *
 * The decoder is 4 bytes ahead of what it decodes, and at the end reads zeros that no pointer
 * counts: a band that seems to end before it began has read such a byte. What is then still missing
 * of the layer belongs to the band in which the bytes ran out.
 */
#include "band_meter.h"

#include <math.h>

tsr_status tsr_meter_begin(tsr_band_meter *m, const tsr_layout *l, tsr_job *j) {
    *m = (tsr_band_meter){.layout = l,
                          .bits = tsr_job_alloc(j, l->n, sizeof *m->bits),
                          .bytes = tsr_job_alloc(j, l->n, sizeof *m->bytes),
                          .band = TSR_NO_BAND,
                          .last = TSR_NO_BAND};
    return m->bits && m->bytes ? TSR_OK : tsr_job_memory_status(j);
}

void tsr_meter_band(tsr_band_meter *m, uint32_t b, const tsr_rc *rc) {
    double now = m->beyond - 8.0 * (double)(rc->end - rc->next) - log2(rc->range);
    if (m->band != TSR_NO_BAND) {
        for (; now < m->at; now += 8) m->beyond += 8;
        m->bits[m->band] += now - m->at;
        if (rc->next == rc->end && m->last == TSR_NO_BAND) m->last = m->band;
    }
    m->band = b;
    m->at = now;
}

/* Whole bytes in proportion, the rest to those who lost most by rounding down. bits[] becomes what
 * each has lost. */
void tsr_meter_layer(tsr_band_meter *m, uint32_t layer, uint64_t size) {
    const tsr_layout *l = m->layout;
    double total = 0;
    uint64_t left = size;
    for (uint32_t b = 0; b < l->n; b++)
        if (l->band[b].layer == layer) total += m->bits[b];
    if (m->last != TSR_NO_BAND && total < 8.0 * (double)size) {
        m->bits[m->last] += 8.0 * (double)size - total;
        total = 8.0 * (double)size;
    }
    m->last = TSR_NO_BAND;
    m->beyond = 0;
    for (uint32_t b = 0; b < l->n; b++) {
        if (l->band[b].layer != layer) continue;
        double share = total > 0 ? (double)size * m->bits[b] / total : 0, whole = floor(share);
        m->bytes[b] = whole < (double)left ? (uint64_t)whole : left;
        m->bits[b] = share - whole;
        left -= m->bytes[b];
    }
    while (left) {
        uint32_t most = TSR_NO_BAND;
        for (uint32_t b = 0; b < l->n; b++)
            if (l->band[b].layer == layer && (most == TSR_NO_BAND || m->bits[b] > m->bits[most]))
                most = b;
        if (most == TSR_NO_BAND) return;
        uint64_t n = total > 0 ? 1 : left; /* without bits there is nothing to divide by */
        m->bytes[most] += n;
        m->bits[most] -= 1;
        left -= n;
    }
}
