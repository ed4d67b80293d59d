select name, product_id from product union all by name select name, version from sample_plan
