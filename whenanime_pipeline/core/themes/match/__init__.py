"""What two episodes share: parts that sound or look alike at one offset, at any place in each."""
