select newer.NAME, newer.VERSION, older.VERSION as PREVIOUS from SAMPLE_PLAN newer join SAMPLE_PLAN older on older.NAME = newer.NAME and older.VERSION = newer.VERSION - 1
