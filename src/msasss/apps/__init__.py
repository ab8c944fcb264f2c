"""Thin shells around the pipeline."""
