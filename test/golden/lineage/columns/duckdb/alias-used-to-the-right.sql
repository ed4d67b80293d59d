select unit_price * 1.19 as gross, gross * 1.05 as dear, dear > 100 as is_dear from product where gross > 10
