"""What matching left over or could not make equal, named and proved to the cent."""
