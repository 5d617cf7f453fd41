def known_synonyms():
    return [["foodbank", "food bank", "food parcel"]]
