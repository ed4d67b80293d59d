select PRODUCT_ID, UNIT_PRICE from PRODUCT order by UNIT_PRICE desc nulls last, NAME fetch first 5 rows with ties
