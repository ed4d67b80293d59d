describe product
