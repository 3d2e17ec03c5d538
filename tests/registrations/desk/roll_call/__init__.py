"""The roll call at the desk."""
