/* nn.h - the neural-network library: everything a trainer needs. docs/nn.md is the walk-through.
 *
 * Decoders need nn_infer.h only.
 */
#ifndef NN_H
#define NN_H

#include "nn_loss.h"
#include "nn_net.h"
#include "nn_ops.h"
#include "nn_optim.h"
#include "nn_rng.h"
#include "nn_store.h"
#include "nn_team.h"
#include "nn_tensor.h"
#include "nn_vq.h"

#endif
