"""The pages, one file each: what a page needs of a run and of the question that was asked."""
