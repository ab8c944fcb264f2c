"""Networks behind domain types: ONNX files with their weight cards, run on the CPU. No torch here."""
