"""A place that its guest hands over to a colleague, who says yes, gives their own details and is vetted."""
