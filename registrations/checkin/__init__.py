"""Letting people in: a scan is received, judged, kept, and reconciled with what other phones did."""
