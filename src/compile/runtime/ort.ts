// The one door to ONNX Runtime: its telemetry is switched off before it is loaded.
import './no-telemetry';

export { InferenceSession, Tensor } from 'onnxruntime-node';
