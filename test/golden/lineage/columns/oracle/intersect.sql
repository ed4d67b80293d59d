select PRODUCT_ID from PRODUCT intersect select PRODUCT_ID from SAMPLE_PLAN
