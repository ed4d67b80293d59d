select PRODUCT_ID from PRODUCT order by NAME
