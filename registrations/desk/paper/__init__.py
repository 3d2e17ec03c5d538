"""The desk's pages about paper: print a sheet, see which are still out, and type one up."""
