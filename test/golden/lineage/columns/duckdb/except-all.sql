select product_id from product except all select product_id from sample_plan where status = 'OLD'
