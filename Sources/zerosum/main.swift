print("zerosum")
