select product_id from product order by all limit 1
