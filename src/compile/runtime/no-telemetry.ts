// From 1.29 on, ONNX Runtime's published binaries for Linux and macOS report their use (the machine, every session and its graph) to Microsoft:
// they keep an identifier of the device and a queue of events under ~/.cache/Microsoft, and a log in the temporary folder. This project sends
// nothing anywhere. The variable is read once, when ONNX Runtime starts; who has set it to something else is left alone.
process.env.ORT_DISABLE_TELEMETRY ??= '1';
