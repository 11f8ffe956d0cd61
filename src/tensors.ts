/**
 * The one door to TensorFlow.js: `vae` and `compile` take `tf` from here, so that it is configured before its first op.
 *
 * Production mode is TensorFlow.js's own switch for its console messages (the advertisement printed at the first op
 * when the native addon is absent, and the notices when danfojs registers the same kernels again). In 4.22 it changes
 * nothing else: argument and shape checks stay on.
 */
import * as tf from '@tensorflow/tfjs';

tf.enableProdMode();
// Resolves in the same tick for `cpu`. Without this line TensorFlow.js would try WebGL first at the first op.
void tf.setBackend('cpu');

export { tf };
