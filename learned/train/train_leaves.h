/* train_leaves.h - drawn pictures, for where there are no photographs. */
#ifndef TRAIN_LEAVES_H
#define TRAIN_LEAVES_H

#include <tessera/train.h>

/* A source of n pictures of 256 x 256 pixels, always the same ones. */
tsr_train_source tsr_train_leaves(uint32_t n);

#endif
