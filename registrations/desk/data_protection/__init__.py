"""The desk's pages of data protection: what people may ask of us, and what went wrong."""
