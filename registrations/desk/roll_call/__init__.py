"""The roll call at the desk: begun and ended, how far it is, those that were, and the marshals' key card."""
