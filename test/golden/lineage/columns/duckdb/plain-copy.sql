select product_id, name as "Product name", Unit_Price from PRODUCT
