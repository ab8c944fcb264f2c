import torch

from msasss.training.schedule import fast_precision


def test_a_run_on_the_cpu_does_not_take_the_precision_of_a_gpu_beside_it(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: False)
    assert fast_precision("auto") == "16-mixed"
    assert fast_precision("cpu") in {"bf16-mixed", "32-true"}
