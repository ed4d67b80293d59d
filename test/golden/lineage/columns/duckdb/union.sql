select plan_name as name from sample union select name from product
