"""Debian's conformance suite for Jupyter kernels, with nothing left to be skipped."""

import os
import unittest

import jupyter_kernel_test


class Conformance(jupyter_kernel_test.KernelTests):
    kernel_name = "tslab"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("to stderr")'
    completion_samples = [
        {"text": "Math.sq", "matches": {"sqrt", "SQRT1_2", "SQRT2"}},
        {"text": 'const 𝕫 = "𝕫"; 𝕫.charCo', "matches": {"charCodeAt"}},
    ]
    complete_code_samples = ["1 + 1", "const a = 1;", "for (const x of [1]) { x }", "await Promise.resolve(1)"]
    incomplete_code_samples = ["for (const x of [1]) {", "function f(a: number", "const o = {"]
    invalid_code_samples = ["const const = 1", "1 +* 2", "let x = );"]
    code_page_something = "Math?"
    code_generate_error = 'throw new RangeError("no such sigma")'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '"a" + "b"', "result": "'ab'"},
        {"code": "[1, 2, 3].map((x) => x * 2)", "result": "[ 2, 4, 6 ]"},
    ]
    code_display_data = [
        {"code": 'import { display } from "gmm-vae"; display({[Symbol.for("Jupyter.display")]: () => ({"text/html": "<b>x</b>"})})', "mime": "text/html"},
        {"code": 'import * as tslab from "tslab"; tslab.display.svg("<svg/>")', "mime": "image/svg+xml"},
    ]
    # tslab's own kernel is asked for what its own package shows.
    if os.environ.get("GMM_VAE_TEST_KERNEL") == "tslab":
        code_display_data = code_display_data[1:]
    code_history_pattern = "6 *7*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.sqrt"
    code_clear_output = 'import { clearOutput } from "gmm-vae"; clearOutput()'


if __name__ == "__main__":
    unittest.main(verbosity=2)
