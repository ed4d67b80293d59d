select * from (select PRODUCT_ID, GRADE from PRODUCT) natural join (select PRODUCT_ID, VERSION from SAMPLE_PLAN)
