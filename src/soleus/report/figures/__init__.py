"""Pictures that several questions share."""
