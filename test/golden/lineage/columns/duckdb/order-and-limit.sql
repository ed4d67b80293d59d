select product_id, name from product order by unit_price desc, product_id limit 10 offset 5
