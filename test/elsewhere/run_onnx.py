"""Runs ONNX models in Python's ONNX Runtime: test/elsewhere/python.check.ts.

Standard input: a JSON list of {"model": path, "inputs": {name: {"shape": [...], "values": [...]}}}.
Standard output: a JSON list of {output's name: {"shape": [...], "values": [...]}}.
"""
import json
import sys

import numpy as np
import onnx
import onnxruntime

results = []
for job in json.load(sys.stdin):
    onnx.checker.check_model(job["model"], full_check=True)
    session = onnxruntime.InferenceSession(job["model"], providers=["CPUExecutionProvider"])
    inputs = {name: np.array(x["values"], dtype=np.float32).reshape(x["shape"]) for name, x in job["inputs"].items()}
    names = [output.name for output in session.get_outputs()]
    outputs = session.run(names, inputs)
    results.append({name: {"shape": list(y.shape), "values": y.reshape(-1).tolist()} for name, y in zip(names, outputs)})
json.dump(results, sys.stdout)
