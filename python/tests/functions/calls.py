# ruff: noqa: W291 - a call without arguments ends its line with a blank
"""Which functions are called with what: the table from which `expressions.py` makes the expressions of the comparison.

A line of a group is `name : argument argument`, further forms of the same call after ` ; `. An argument is the name of
one or more pools of SQL values (`S|B`) or, if there is no such pool, SQL that stands as it is. A head with braces is
SQL with a place for each argument. Whoever adds a function adds its line and records (`make bless ARGS=functions`).
"""

POOLS: dict[str, list[str]] = {
    # Ordinary values first: they stand where another argument is varied.
    "S": [
        "'Spark SQL'",
        "CAST(NULL AS STRING)",
        "''",
        "'  pad\\t '",
        "'äöü ß€'",
        "'a😀b😀'",
        "'aXbXXc'",
        "'SQL'",
        "'ǆ İı ŉ'",
        "'123'",
        "'e\\u0301a'",
    ],
    "s": ["'S'", "CAST(NULL AS STRING)", "''", "'X'", "'SQL'", "'😀'", "'ö'", "' '"],
    "like": ["'%SQL'", "CAST(NULL AS STRING)", "''", "'_park%'", "'%'", "'a_b_'", "'S%\\\\%'", "'%ß%'"],
    "re": [
        "'(S)(\\\\w+)'",
        "CAST(NULL AS STRING)",
        "''",
        "'X+'",
        "'.'",
        "'(?i)sql'",
        "'[äöü]+'",
        "'^$|\\\\d'",
        "'('",
        "'(?<=a)X'",
    ],
    "b": ["true", "false", "CAST(NULL AS BOOLEAN)"],
    "B": ["X'537061726B'", "CAST(NULL AS BINARY)", "X''", "X'00FF7F80'", "X'C3A4F09F9880'", "X'C328'"],
    "n": ["3", "CAST(NULL AS INT)", "0", "1", "-1", "-3", "2", "20"],
    "y": ["5Y", "CAST(NULL AS TINYINT)", "0Y", "-128Y", "127Y"],
    "h": ["7S", "CAST(NULL AS SMALLINT)", "0S", "-32768S", "32767S"],
    "I": ["5", "CAST(NULL AS INT)", "0", "-1", "2147483647", "-2147483648", "12"],
    "L": ["5L", "CAST(NULL AS BIGINT)", "0L", "-1L", "9223372036854775807L", "-9223372036854775808L", "1234567890123L"],
    "f": [
        "2.5F",
        "CAST(NULL AS FLOAT)",
        "-0.0F",
        "CAST('NaN' AS FLOAT)",
        "CAST('-Infinity' AS FLOAT)",
        "3.4028234E38F",
        "1.4E-45F",
    ],
    "d": [
        "2.5D",
        "CAST(NULL AS DOUBLE)",
        "0.0D",
        "-0.0D",
        "-1.5D",
        "CAST('NaN' AS DOUBLE)",
        "CAST('Infinity' AS DOUBLE)",
        "1.7976931348623157E308D",
        "4.9E-324D",
        "0.5D",
        "-1.0D",
        "123456789.987654321D",
    ],
    "dec": [
        "3.25",
        "CAST(NULL AS DECIMAL(10,2))",
        "0.00",
        "-2.5",
        "99999999999999999999.999999999999999999",
        "-12345678901234567890123456789012345678",
        "0.0000000000000000000000000000000000001",
        "CAST(7 AS DECIMAL(5,0))",
        "CAST(123450 AS DECIMAL(10,-2))",
    ],
    "D": [
        "DATE'2024-02-29'",
        "CAST(NULL AS DATE)",
        "DATE'1970-01-01'",
        "DATE'0001-01-01'",
        "DATE'9999-12-31'",
        "DATE'1582-10-15'",
        "DATE'2023-12-31'",
        "DATE'2025-01-06'",
    ],
    "T": [
        "TIMESTAMP'2024-02-29 13:45:06.789012'",
        "CAST(NULL AS TIMESTAMP)",
        "TIMESTAMP'1970-01-01 00:00:00'",
        "TIMESTAMP'2024-03-10 01:59:59.999999'",
        "TIMESTAMP'2024-03-10 03:00:00'",
        "TIMESTAMP'2024-11-03 01:30:00'",
        "TIMESTAMP'1900-01-01 00:00:00'",
        "TIMESTAMP'9999-12-31 23:59:59.999999'",
        "TIMESTAMP'1969-12-31 23:59:59.5'",
    ],
    "TN": [
        "TIMESTAMP_NTZ'2024-02-29 13:45:06.789012'",
        "CAST(NULL AS TIMESTAMP_NTZ)",
        "TIMESTAMP_NTZ'2024-03-10 02:30:00'",
        "TIMESTAMP_NTZ'0001-01-01 00:00:00'",
        "TIMESTAMP_NTZ'1969-12-31 23:59:59.000001'",
    ],
    "TI": ["TIME'13:45:06.789012'", "CAST(NULL AS TIME)", "TIME'00:00:00'", "TIME'23:59:59.999999'", "TIME'01:02:03'"],
    "YM": [
        "INTERVAL '1-2' YEAR TO MONTH",
        "CAST(NULL AS INTERVAL YEAR TO MONTH)",
        "INTERVAL '-11' MONTH",
        "INTERVAL '178956970-7' YEAR TO MONTH",
    ],
    "DT": [
        "INTERVAL '1 02:03:04.567' DAY TO SECOND",
        "CAST(NULL AS INTERVAL DAY TO SECOND)",
        "INTERVAL '-3' DAY",
        "INTERVAL '0.000001' SECOND",
        "INTERVAL '106751991 04:00:54.775807' DAY TO SECOND",
    ],
    "dates": [
        "'2024-02-29'",
        "CAST(NULL AS STRING)",
        "''",
        "'2023-02-29'",
        "'2024'",
        "'2024-3'",
        "' 2024-02-29 '",
        "'2024-02-29T23:59'",
        "'-0044-03-15'",
        "'20240229'",
        "'2024-02-29 13:45:06.7'",
    ],
    "times": [
        "'2024-02-29 13:45:06.789'",
        "CAST(NULL AS STRING)",
        "'2024-02-29'",
        "'2024-03-10 02:30:00'",
        "'2024-02-29T13:45:06Z'",
        "'2024-02-29 13:45:06+05:30'",
        "'2024-02-29 24:00:00'",
        "'2024-02-29 1:2:3'",
        "'2024-02-29 13:45:06 Europe/Berlin'",
        "'x'",
    ],
    "zone": [
        "'Europe/Berlin'",
        "CAST(NULL AS STRING)",
        "'UTC'",
        "'+05:30'",
        "'America/Los_Angeles'",
        "'GMT-3'",
        "'Nowhere/Land'",
        "'PST'",
    ],
    "year": ["2024", "CAST(NULL AS INT)", "1", "0", "9999", "-5", "1970"],
    "month": ["2", "CAST(NULL AS INT)", "12", "0", "13"],
    "day": ["29", "CAST(NULL AS INT)", "1", "30", "0"],
    "hour": ["13", "CAST(NULL AS INT)", "0", "23", "24"],
    "minute": ["45", "CAST(NULL AS INT)", "0", "60"],
    "sec": ["6.789012", "CAST(NULL AS DECIMAL(16,6))", "0", "59.999999", "60", "60.5", "-1"],
    "unit": [
        "'month'",
        "'YEAR'",
        "'week'",
        "'quarter'",
        "'day'",
        "'hour'",
        "'minute'",
        "'second'",
        "'x'",
        "CAST(NULL AS STRING)",
        "'MM'",
    ],
    "field": [
        "'year'",
        "'month'",
        "'day'",
        "'week'",
        "'doy'",
        "'dow'",
        "'dayofweek_iso'",
        "'quarter'",
        "'hour'",
        "'seconds'",
        "'yearofweek'",
        "'x'",
    ],
    "ai": [
        "array(3, 1, 2, 1)",
        "CAST(NULL AS ARRAY<INT>)",
        "CAST(array() AS ARRAY<INT>)",
        "array(1, CAST(NULL AS INT), 3)",
        "array(2147483647, -2147483648)",
        "array(CAST(NULL AS INT))",
    ],
    "as": [
        "array('b', 'a', 'ä')",
        "CAST(NULL AS ARRAY<STRING>)",
        "CAST(array() AS ARRAY<STRING>)",
        "array('', CAST(NULL AS STRING), 'a')",
        "array('😀', 'Z', 'a')",
    ],
    "ad": [
        "array(2.5D, -0.0D, 0.0D)",
        "array(CAST('NaN' AS DOUBLE), CAST(NULL AS DOUBLE), CAST('-Infinity' AS DOUBLE), 1.0D)",
        "CAST(NULL AS ARRAY<DOUBLE>)",
    ],
    "af": [
        "array(1.0F, 2.0F, 3.0F)",
        "array(4.0F, -5.0F, 6.5F)",
        "CAST(NULL AS ARRAY<FLOAT>)",
        "CAST(array() AS ARRAY<FLOAT>)",
        "array(0.0F, 0.0F, 0.0F)",
        "array(1.0F, CAST(NULL AS FLOAT), 2.0F)",
        "array(1.0F)",
        "array(3E38F, 3E38F, 1F)",
        "array(CAST('NaN' AS FLOAT), 1.0F, 2.0F)",
    ],
    "aa": [
        "array(array(1, 2), array(3))",
        "array(array(1), CAST(NULL AS ARRAY<INT>))",
        "CAST(NULL AS ARRAY<ARRAY<INT>>)",
        "array(CAST(array() AS ARRAY<INT>))",
    ],
    "mp": [
        "map('a', 1, 'b', 2)",
        "CAST(NULL AS MAP<STRING, INT>)",
        "CAST(map() AS MAP<STRING, INT>)",
        "map('a', CAST(NULL AS INT), '', 0)",
        "map('ä', -1)",
    ],
    "st": [
        "named_struct('a', 1, 'b', 'x')",
        "CAST(NULL AS STRUCT<a: INT, b: STRING>)",
        "named_struct('a', CAST(NULL AS INT), 'b', '')",
    ],
    "json": [
        '\'{"a": 1, "b": [1, 2, {"c": "x"}]}\'',
        "CAST(NULL AS STRING)",
        "''",
        "'{'",
        "'[1, 2, 3]'",
        "'null'",
        "'{}'",
        '\'{"a": null, "a b": "ä\\\\u00e9"}\'',
        "'[]'",
        "'1'",
        "'\"x\"'",
    ],
    "path": [
        "'$.a'",
        "CAST(NULL AS STRING)",
        "'$.b[2].c'",
        "'$'",
        "'$.b[*]'",
        "'a'",
        "'$.b[0]'",
        "'$[\\'a b\\']'",
        "'$.x'",
        "''",
        "'$..a'",
    ],
    "url": [
        "'https://u:p@example.com:8443/a/b.html?q=1&r=a%20b#top'",
        "CAST(NULL AS STRING)",
        "''",
        "'http://example.com'",
        "'example.com/x?y=z'",
        "'mailto:a@b.org'",
        "'http://[::1]/?a=%C3%A4'",
        "'http://ex ample.com/'",
        "'ftp://h/p?k'",
    ],
    "part": [
        "'HOST'",
        "'PATH'",
        "'QUERY'",
        "'REF'",
        "'PROTOCOL'",
        "'FILE'",
        "'AUTHORITY'",
        "'USERINFO'",
        "'host'",
        "CAST(NULL AS STRING)",
    ],
    "numfmt": [
        "'999.99'",
        "'$99,999.00'",
        "'S0009'",
        "'9G999D9PR'",
        "'MI99'",
        "'9'",
        "'99S'",
        "'0000.000'",
        "''",
        "'A'",
    ],
    "numtext": [
        "'12.34'",
        "CAST(NULL AS STRING)",
        "''",
        "'-5'",
        "'$1,234.50'",
        "'+0042'",
        "'<7>'",
        "'abc'",
        "'999.99'",
    ],
    "timefmt": [
        "'yyyy-MM-dd HH:mm:ss.SSS'",
        "'dd/MM/yy'",
        "'EEE, d MMM yyyy'",
        "'EEEE MMMM'",
        "'D'",
        "'Q QQQ'",
        "'h:mm a'",
        "'yyyy-MM-dd\\'T\\'HH:mm:ssXXX'",
        "'u'",
        "'VV z O'",
        "'e'",
        "'YYYY'",
        "'SSSSSS'",
        "'''",
        "'y M d'",
        "'kk KK'",
        "'G'",
        "'B'",
        "CAST(NULL AS STRING)",
    ],
    "charset": [
        "'utf-8'",
        "'UTF-16'",
        "'US-ASCII'",
        "'iso-8859-1'",
        "'utf-16be'",
        "'UTF-16LE'",
        "'utf-32'",
        "'cp037'",
        "CAST(NULL AS STRING)",
    ],
}
"""Pools of SQL values by the kind of argument that they are good for."""

GROUPS: dict[str, str] = {}
"""Group -> its lines."""

GROUPS["string"] = r"""
ascii : S
base64 : B|S
bit_length : S|B
btrim : S ; S s
char : L
chr : I
char_length : S|B
character_length : S
collate : S 'UTF8_BINARY'
concat : S S ; S s s ; B B ; ai ai ; S I D
concat_ws : s S S ; s as S ; s
contains : S s ; B B
decode : B charset ; I 1 'one' 2 'two' ; S 'SQL' 1 2 ; I NULL 'none' 'other'
elt : n S s ; n B B ; n S
encode : S charset
endswith : S s ; B B
find_in_set : s 'X,,SQL,S,ö'
format_number : d n ; dec n ; L '#,###.00' ; f 2 ; I n ; d '0.000' ; d ''
format_string : '%s-%s' S I ; '%d|%5d|%-5d|%05d' I I 7 8 ; '%.2f|%e|%g' d d d ; '%x|%X|%o' I I I ; '%c' 65 ; '%b|%%' b ; '%s' D ; '%,d' L ; '%10s|%-10s|%.2s' S S S ; '%q' 1 ; '%s' ; '%2$s-%1$s' S s ; '%s' d ; '%s' dec
printf : '%s' S
initcap : S
instr : S s
is_valid_utf8 : S|B
lcase : S
left : S n ; B n
len : S|B
length : S|B
levenshtein : S s ; S S ; S s n ; 'kitten' 'sitting' n
locate : s S ; s S n
position : s S ; s S n
{} IN {} : s ('S','X')
position({} IN {}) : s S
lower : S
lpad : S n ; S n s ; B n ; B n B
ltrim : S ; s S
luhn_check : S ; '79927398713' ; '79927398714' ; '4111 1111'
make_valid_utf8 : S|B
mask : S ; S 'Q' ; S 'Q' 'q' 'd' 'o' ; S NULL ; S 'Q' NULL '9' NULL
octet_length : S|B
overlay : S s n ; S s n n ; B B n
overlay({} PLACING {} FROM {}) : S s n
quote : S ; 'it''s\\'
{} || {} : S s ; S I ; B B
regexp_count : S re
regexp_extract : S re ; S re 0 ; S re n
regexp_extract_all : S re ; S re 0 ; S re n
regexp_instr : S re ; S re n
regexp_replace : S re s ; S re '<$1>' ; S re '$0' ; S re s n
regexp_substr : S re
regexp_like : S re
regexp : S re
rlike : S re
{} RLIKE {} : S re
{} REGEXP {} : S re
{} LIKE {} : S like
{} NOT LIKE {} : S like
{} LIKE {} ESCAPE '/' : S|'a%b'|'a/b' 'a/%b'|'%/%%'
{} ILIKE {} : S like
{} LIKE ANY ({}, {}) : S like like
{} LIKE ALL ({}, {}) : S like like
{} NOT LIKE ANY ({}, {}) : S like like
like : S like ; 'a%b' 'a/%b' '/'
ilike : S like
repeat : S n
replace : S s ; S s s
reverse : S|B|ai
right : S n
rpad : S n ; S n s ; B n ; B n B
rtrim : S ; s S
sentences : S ; 'Hi there! Good, bad? a.b' ; 'Hi! Du.' 'de' ; 'Hi! Du.' 'de' 'DE' ; 'One. Two... Three?! four'
soundex : S ; 'Robert' ; 'Rupert' ; 'Ashcraft' ; 'Tymczak' ; 'Pfister' ; 'Honeyman' ; '1abc' ; 'abc1b'
space : n
split : S s ; S re n ; S re
split_part : S s n ; 'a.b.c' '.' n
startswith : S s ; B B
substr : S n ; S n n ; B n n
substring : S n ; S n n ; B n ; B n n
substring({} FROM {} FOR {}) : S n n
substring_index : S s n ; 'a.b.c.d' '.' n
to_binary : S ; '537' ; '537061' 'hex' ; 'U3Bhcms=' 'base64' ; S 'utf-8' ; S 'base64' ; S CAST(NULL AS STRING) ; S 'x'
try_to_binary : S ; 'GG' ; 'U3Bhcms' 'base64' ; S 'base64' ; S 'utf-8' ; S 'x'
to_char : dec numfmt ; I numfmt ; L 'S999G999' ; D 'yyyy/MM' ; T 'HH:mm' ; B 'hex' ; B 'base64' ; B 'utf-8' ; B 'x' ; d '9.9' ; 454.00 '000.00' ; -12454.8 '99G999D9S' ; 12454 '99,999' ; 78.12 '$99.99' ; -7.5 '99.9PR' ; 0 'MI9' ; 0.5 '.9' ; 1234 '999'
to_varchar : dec numfmt ; D 'dd' ; B 'hex'
to_number : numtext '$9,999.99' ; numtext numfmt ; '454' '999' ; '454.00' '000.00' ; '12,454' '99,999' ; '$78.12' '$99.99' ; '12,454.8-' '99,999.9S' ; '<7>' '9PR' ; '-5' 'MI9' ; '-5' 'S9'
try_to_number : numtext '$9,999.99' ; numtext numfmt
translate : S 'SQäX😀' 'sq' ; S s s ; S 'abc' '12345'
trim : S ; s S
trim(BOTH {} FROM {}) : s S
trim(LEADING {} FROM {}) : s S
trim(TRAILING {} FROM {}) : s S
trim(LEADING FROM {}) : S
try_validate_utf8 : S|B
ucase : S
unbase64 : S ; 'U3BhcmsgU1FM' ; 'U3B' ; 'U3 Bh\ncms='
upper : S
validate_utf8 : S|B
randstr(3, 0) IS NULL : 
length(randstr({}, 0)) : n|3S|5L
"""

GROUPS["url"] = r"""
parse_url : url part ; url 'QUERY' 'q' ; url 'QUERY' s ; url 'HOST' 'q'
try_parse_url : url part ; url 'QUERY' 'r'
url_decode : 'a%20b+c' ; S ; '%' ; '%C3%A4' ; '%zz' ; 'https%3A%2F%2Fspark.apache.org'
try_url_decode : 'a%20b+c' ; S ; '%' ; '%zz'
url_encode : S ; 'https://spark.apache.org/?a=b c*~'
"""

GROUPS["hash"] = r"""
md5 : S|B
sha : S|B
sha1 : S|B
sha2 : S|B 256 ; S 0|224|384|512|1|CAST(NULL AS INT)
crc32 : S|B
hash : S ; I ; L ; d ; f ; dec ; D ; T ; b ; y ; h ; ai ; st ; mp ; B ; S I d ; TI ; DT ; YM ; TN ; aa
xxhash64 : S ; I ; L ; d ; f ; dec ; D ; T ; b ; y ; h ; ai ; st ; B ; S I d ; TI ; DT ; YM ; TN
"""

GROUPS["math"] = r"""
abs : I ; L ; d ; dec ; y ; h ; f ; DT ; S
acos : d|I
acosh : d
asin : d
asinh : d
atan : d
atan2 : d d
atanh : d
bin : L|I
bround : d ; d n ; dec ; dec n ; I n ; 2.5 0 ; 3.5 ; -2.5 ; 25 -1 ; 35 -1
cbrt : d
ceil : d ; dec ; L ; dec n ; d n ; f ; y
ceiling : d ; dec ; dec n
conv : S 16 10 ; '100' 2 10 ; '-10' 16 -10 ; 'FF' 16 2 ; '9223372036854775808' 10 16 ; 'zz' 36 10 ; '12' n 10 ; -10 16 -10 ; '1x' 10 16 ; 'FFFFFFFFFFFFFFFFF' 16 10
cos : d
cosh : d
cot : d
csc : d
degrees : d
{} div {} : I I ; L L ; dec dec ; d d ; I 0 ; YM YM ; DT DT
string({} / {}) : YM I
{} / {} : I I ; d d ; dec dec ; I d ; S I ; DT d ; L dec ; I 0
string({} + {}) : YM YM
{} + {} : I I ; L L ; d d ; dec dec ; y y ; h h ; f f ; S I ; D I ; D YM ; T DT ; DT DT ; T YM ; I L ; I dec ; TN DT ; b b ; S S
{} - {} : I I ; L L ; d d ; dec dec ; y y ; D D ; T T ; D I ; D YM ; T DT ; TI TI ; TN TN ; D T ; S S
string({} * {}) : YM n ; n YM
{} * {} : I I ; L L ; d d ; dec dec ; y y ; DT n ; DT d ; dec L
{} % {} : I I ; L L ; d d ; dec dec ; y y ; f f
mod : I I ; d d ; dec dec
mod(5, {}) : I
pmod : I I ; L L ; d d ; dec dec ; -7 n
string(- {}) : YM
- {} : I ; L ; d ; dec ; y ; DT ; S
+ {} : I ; d ; S
negative : I ; d ; dec ; DT
positive : I ; d
e : 
pi : 
exp : d|I
expm1 : d
factorial : n|21|L
floor : d ; dec ; L ; dec n ; d n ; f
greatest : I I ; d d ; S S ; D D ; I d L ; dec I ; b b ; S I ; ai ai
least : I I ; d d ; S S ; D D ; I d L ; dec I ; b b ; S I
hex : S ; B ; L ; I
hypot : d d
ln : d ; I
log : d ; d d
log10 : d
log1p : d
log2 : d
power : d d ; I n
pow : d d ; 2 n
radians : d
rint : d
round : d ; d n ; dec ; dec n ; I n ; L n ; f n ; 2.5 0 ; -2.5 ; 25 -1 ; 2147483647 -1 ; y -1 ; d CAST(NULL AS INT)
sec : d
shiftleft : I n ; L n ; I 33
shiftright : I n ; L n
shiftrightunsigned : I n ; L n
{} << {} : I n ; L n
{} >> {} : I n
{} >>> {} : I n
sign : d|dec ; I ; DT ; YM
signum : d|dec ; I ; DT
sin : d
sinh : d
sqrt : d|I|S
tan : d
tanh : d
try_add : I I ; L L ; d d ; dec dec ; D I ; D YM ; T DT ; y y ; S I
string(try_divide({}, {})) : YM I
try_divide : I I ; d d ; dec dec ; DT I ; I 0
try_mod : I I ; d d ; dec dec ; L L ; I 0
string(try_multiply({}, {})) : YM n
try_multiply : I I ; L L ; d d ; dec dec ; DT n
try_subtract : I I ; L L ; d d ; dec dec ; D I ; D D ; T DT ; y y
try_to_date : dates ; '29/02/2024' 'dd/MM/yyyy' ; 'x' 'dd'
try_to_time : '13:45' ; 'x' ; '01-02-03' 'HH-mm-ss' ; '1 PM' 'h a'
unhex : S ; '537' ; 'GG' ; '4D7953514C'
uniform(1, 10, 0) BETWEEN 1 AND 10 : 
typeof(uniform({}, {}, 0)) : 1|1L|1S|1.5|0.5D|1.5F 10|10L|20S|9.5|9.5D
width_bucket : d 0.0D 10.0D 5 ; d 10.0D 0.0D 5 ; 5.3D 0.2D 10.6D n ; d 1D 1D 5 ; YM INTERVAL'0'YEAR INTERVAL'10'YEAR 10 ; DT INTERVAL'0'DAY INTERVAL'10'DAY 10
rand(0) IS NULL : 
typeof(randn(0)) : 
random(7) : 
rand(42) : 
randn(42) : 
"""

GROUPS["bitwise"] = r"""
{} & {} : I I ; L L ; y y ; I L
{} | {} : I I ; L L ; h h
{} ^ {} : I I ; L L ; y h
~ {} : I ; L ; y
bit_count : I ; L ; b ; y
bit_get : L n ; I n ; L 63 ; L 64
getbit : L n ; I 31
bitmap_bit_position : L
bitmap_bucket_number : L
bitmap_count : B|X'FFFF'
"""

GROUPS["conditional"] = r"""
coalesce : I I ; I L d ; S S ; CAST(NULL AS INT) ; I S ; D T ; dec I ; ai ai
if : b I I ; b S I ; b I d ; b D T ; I 1 2
ifnull : I I ; S S ; I d
isnan : d ; f ; I
isnotnull : I ; S
isnull : I ; S ; ai
nanvl : d d ; f f ; I d
nullif : I I ; S S ; d d ; I L
nullifzero : I ; d ; dec
nvl : I I ; S I ; dec d
nvl2 : I S S ; I 1 2D
zeroifnull : I ; d ; dec
CASE WHEN {} THEN {} ELSE {} END : b I d ; b S S ; b I S
CASE {} WHEN {} THEN 'x' WHEN {} THEN 'y' END : I I I ; S S S ; d d d
when : b I I
raise_error : S ; 'USER_RAISED_EXCEPTION' map('errorMessage','x')
assert_true : b ; b 'no!'
equal_null : I I ; d d ; S S ; ai ai
typeof : I ; dec ; ai ; mp ; st ; D ; T ; YM ; DT ; NULL ; B ; TI ; TN ; b ; 1.5 ; 1e2 ; array() ; map()
"""

GROUPS["predicate"] = r"""
{} = {} : I I ; d d ; S S ; D D ; I S ; dec d ; b b ; ai ai ; st st ; D S ; T D ; I L ; mp mp
{} == {} : f f
{} <=> {} : I I ; d d ; S S ; ad ad
{} <> {} : I I ; d d ; S S
{} != {} : I d
{} < {} : I I ; d d ; S S ; D D ; b b ; ai ai ; dec dec ; B B ; st st ; TI TI ; YM YM ; DT DT
{} <= {} : d d ; S S
{} > {} : d d ; I S ; L dec
{} >= {} : I I ; T T
{} AND {} : b b
{} OR {} : b b
NOT {} : b
! {} : b
{} IN ({}, {}) : I I I ; S S S ; I L d ; d d d ; D D S
{} NOT IN ({}, {}) : I I I
{} BETWEEN {} AND {} : I I I ; S S S ; d d d ; D D D
{} NOT BETWEEN {} AND {} : I I I
{} IS NULL : I ; d
{} IS NOT NULL : S
{} IS TRUE : b
{} IS NOT FALSE : b
{} IS UNKNOWN : b
{} IS DISTINCT FROM {} : I I ; d d
{} IS NOT DISTINCT FROM {} : S S
"""

GROUPS["array"] = r"""
array : I I ; I d ; S S ; NULL ; I S ; D T ;  
array_append : ai I ; as S ; ai d ; ai S
array_compact : ai|as|ad
array_contains : ai I ; as S ; ad d ; ai L ; ai S
array_distinct : ai|as|ad|aa
array_except : ai ai ; as as ; ad ad
array_insert : ai n I ; as n S ; ai 10 I
array_intersect : ai ai ; as as ; ad ad
array_join : as s ; as s s ; ai s
array_max : ai|as|ad|aa
array_min : ai|as|ad|aa
array_position : ai I ; as S ; ad d
array_prepend : ai I ; as S
array_remove : ai I ; as S ; ad d
array_repeat : I n ; S n ; ai n
array_size : ai|as|aa
array_sort : ai|as|ad|aa
array_sort({}, (x, y) -> y - x) : ai
array_union : ai ai ; as as ; ad ad
arrays_overlap : ai ai ; as as ; ad ad
arrays_zip : ai as ; ai ai as ; ai
cardinality : ai|mp
concat : as as ; aa aa
element_at : ai n ; as n ; mp s ; ai 10
try_element_at : ai n ; as n ; mp s
exists({}, x -> x > 1) : ai
filter({}, x -> x > 1) : ai
filter({}, (x, i) -> i > 0) : as
flatten : aa
forall({}, x -> x > 1) : ai
aggregate({}, 0, (a, x) -> a + x) : ai
aggregate({}, 0L, (a, x) -> a + x, a -> a * 2) : ai
reduce({}, 1, (a, x) -> a * x) : ai
get : ai n ; as n
{}[{}] : ai n ; mp s ; as n
reverse : as|aa
sequence : n n ; n n n ; DATE'2024-01-31'|DATE'2024-05-01' D INTERVAL'10'YEAR ; DATE'2024-01-31' DATE'2024-06-01' INTERVAL'1'MONTH ; 1 10 -1 ; DATE'2024-01-01' DATE'2024-01-05' ; 5L 1L ; TIMESTAMP'2024-03-09 12:00:00' TIMESTAMP'2024-03-11 12:00:00' INTERVAL'12'HOUR
shuffle(array({}), 0) : 1
size : ai|mp|as
slice : ai n n ; as n n ; ai -2 2
sort_array : ai|as|ad|aa ; ai b
transform({}, x -> x + 1) : ai
transform({}, (x, i) -> concat(x, i)) : as
zip_with({}, {}, (x, y) -> x + y) : ai ai
zip_with({}, {}, (x, y) -> concat(x, y)) : as as
vector_avg(array(1F)) IS NULL : 
vector_cosine_similarity : af af
vector_inner_product : af af
vector_l2_distance : af af
vector_norm : af ; af 1.0F|2.0F|CAST('Infinity' AS FLOAT)|3.0F|CAST(NULL AS FLOAT)
vector_normalize : af ; af 1.0F|2.0F|CAST('Infinity' AS FLOAT)|3.0F|CAST(NULL AS FLOAT)
"""

GROUPS["map"] = r"""
map : 'a' 1 'b' 2 ; S I ; s I s I ; 'a' 1 'a' 2 ;  
map_concat : mp map('c',3) ; mp mp ; 
map_contains_key : mp s
map_entries : mp
map_filter({}, (k, v) -> v > 1) : mp
map_from_arrays : as ai ; array('a','b') array(1,2) ; array('a','a') array(1,2)
map_from_entries : array(struct('a',1),struct('b',2)) ; array(struct(1,CAST(NULL AS STRING))) ; array(struct(1,2),struct(1,3)) ; CAST(NULL AS ARRAY<STRUCT<a: INT, b: INT>>)
map_keys : mp
map_values : mp
map_zip_with({}, {}, (k, a, b) -> a + b) : mp mp
str_to_map : 'a:1,b:2' ; S ; 'a=1;b=2' ';' '=' ; S s s ; 'a' ; '' ; 'a:1,a:2'
transform_keys({}, (k, v) -> upper(k)) : mp
transform_values({}, (k, v) -> v * 2) : mp
struct : I S ; I d D
named_struct : 'a' I 'b' S ; 'a' ; 'x' ai
{}.a : st
{}['b'] : st|mp
"""

GROUPS["datetime"] = r"""
add_months : D n ; T n ; dates n
curdate() IS NULL : 
current_date() = curdate() : 
current_timestamp() = now() : 
current_timezone : 
current_time() IS NULL : 
typeof(current_time({})) : 0|3|6|7
localtimestamp() IS NULL : 
convert_timezone : zone TN ; zone zone TN ; 'Europe/Berlin' times ; zone 'UTC' TIMESTAMP_NTZ'2024-10-27 02:30:00'
date_add : D n ; dates n ; T n ; D 2147483647 ; D '1'
date_sub : D n ; dates n
dateadd : D n
dateadd({}, {}, {}) : YEAR|MONTH|WEEK|DAY|HOUR|MICROSECOND|QUARTER n T|D|TN
timestampadd({}, {}, {}) : MONTH|DAY|HOUR|SECOND n T|D
date_diff : D D ; dates D ; T D
datediff : D D
datediff({}, {}, {}) : YEAR|MONTH|WEEK|DAY|HOUR|MICROSECOND|QUARTER T|D T|D|TN
timestampdiff({}, {}, {}) : MONTH|DAY|HOUR|SECOND T|D T
date_format : T timefmt ; D timefmt ; TN timefmt ; dates 'yyyy'
date_from_unix_date : I|n
date_part : field T ; field D ; field DT ; field YM ; 'seconds' DT ; 'months' YM
datepart : field TN
extract({} FROM {}) : YEAR|MONTH|DAY|WEEK|DOY|DOW|QUARTER|HOUR|MINUTE|SECOND|YEAROFWEEK|DAYOFWEEK_ISO T|D|TN ; HOUR|MINUTE|SECOND TI ; DAY|HOUR|MINUTE|SECOND DT ; YEAR|MONTH YM
date_trunc : unit T ; 'microsecond' T ; 'millisecond' T ; unit D ; 'DECADE' T ; unit TN
day : D|T
dayname : D|T
dayofmonth : D|dates
dayofweek : D
dayofyear : D
{}::date : dates|T|TN
date : dates ; T
timestamp : times ; D ; L ; d
timestamp_micros : L|n
timestamp_millis : L|n
timestamp_seconds : L|n ; d ; dec
from_unixtime : L|n ; L timefmt
from_utc_timestamp : T zone ; times zone
hour : T|TN ; TI
last_day : D ; dates
make_date : year month day
make_dt_interval : n ; n n n ; n n n sec
string(make_interval({}, {}, {}, {}, {}, {}, {})) : n n n n n n sec
string(make_ym_interval({}, {})) : n n|I
make_time : hour minute sec
make_timestamp : year month day hour minute sec ; 2024 3 10 2 30 sec ; 2024 month 28 hour 6 7 zone ; D TI ; D TI zone
make_timestamp_ltz : year month day hour minute sec ; 2024 3 10 2 30 0 zone
make_timestamp_ntz : year month day hour minute sec ; D TI
try_make_timestamp : year month day hour minute sec ; 2024 3 10 2 30 0 zone
try_make_timestamp_ltz : year month day hour minute sec
try_make_timestamp_ntz : year month day hour minute sec
string(try_make_interval({}, {}, {})) : n|I n|I n
minute : T|TN ; TI
month : D|T
monthname : D|T
months_between : D D ; T T ; T D false ; dates D
next_day : D 'Mo'|'TUE'|'friday'|'x'|CAST(NULL AS STRING) ; dates 'Sun'
quarter : D|T
second : T|TN ; TI
time_diff : 'HOUR'|'MINUTE'|'SECOND'|'MILLISECOND'|'MICROSECOND'|'x'|CAST(NULL AS STRING) TI TI
time_trunc : 'HOUR'|'MINUTE'|'SECOND'|'MILLISECOND'|'MICROSECOND'|'x'|CAST(NULL AS STRING) TI
time_from_micros : L|0L|86399999999L|86400000000L
time_from_millis : L|0L|86399999L
time_from_seconds : L|0L|86399L|1.5D|60.123456
time_to_micros : TI
time_to_millis : TI
time_to_seconds : TI
to_date : dates ; '29/02/2024' 'dd/MM/yyyy' ; dates 'yyyy-MM-dd' ; T ; '2024 060' 'yyyy DDD' ; 'Feb 1 2024' 'MMM d yyyy'
to_time : '13:45' ; 'x' ; '01-02-03' 'HH-mm-ss' ; '1:05 PM' 'h:mm a' ; '23:59:59.999999' ; '24:00' ; CAST(NULL AS STRING)
to_timestamp : times ; '29/02/2024 05' 'dd/MM/yyyy HH' ; times 'yyyy-MM-dd HH:mm:ss' ; D ; '2024-02-29 1:05 PM' 'yyyy-MM-dd h:mm a' ; 'x' 'yyyy'
to_timestamp_ltz : times ; D ; times 'yyyy-MM-dd'
to_timestamp_ntz : times ; D ; times 'yyyy-MM-dd'
try_to_timestamp : times ; times 'yyyy-MM-dd' ; dates
to_unix_timestamp : times ; T ; D ; times 'yyyy-MM-dd'
to_utc_timestamp : T zone ; times 'Asia/Tokyo'
trunc : D unit ; dates unit ; T 'mon'
unix_date : D
unix_micros : T
unix_millis : T
unix_seconds : T
unix_timestamp : times ; T ; D ; times 'yyyy-MM-dd'
weekday : D|T
weekofyear : D|T
year : D|T
time_bucket : INTERVAL'15'MINUTE T ; INTERVAL'1'DAY T ; INTERVAL'7'DAY D ; INTERVAL'1'MONTH D ; DT T ; YM D ; INTERVAL'15'MINUTE TN ; INTERVAL'1'DAY T TIMESTAMP'2024-01-01 06:00:00' ; INTERVAL'0'DAY T ; INTERVAL'3'MONTH T
{} + {} : D TI ; TI DT ; DT TI
{}::string : D ; T ; TN ; TI ; YM ; DT
{}::timestamp : times ; D ; TN
{}::timestamp_ntz : times ; T
{}::time : times ; '13:45:06.1' ; T
"""

GROUPS["cast"] = r"""
CAST({} AS TINYINT) : I|L|d|S|dec|b
CAST({} AS SMALLINT) : I|L|d
CAST({} AS INT) : L|d|f|S|dec|b|' 12 '|'1.9'|'+7'|'1e3'|'0x1' ; T ; D ; INTERVAL'3'YEAR ; INTERVAL'90'SECOND
CAST({} AS BIGINT) : d|S|dec|T|'9223372036854775808'|'-5'
CAST({} AS FLOAT) : S|d|I|'1e39'|'nan'|'Infinity'|'-inf'|'1.5f'
CAST({} AS DOUBLE) : S|f|dec|L|T|b|'1d'|'  -1.5e-3 '
CAST({} AS DECIMAL(5, 2)) : I|d|S|dec|'12.345'|'999.995'|'1e2'|b
CAST({} AS DECIMAL(38, 10)) : L|d|'1e27'
CAST({} AS STRING) : I|L|d|f|dec|b|D|T|TN|TI|YM|DT|B ; ai ; mp ; st ; ad ; as ; aa ; y ; h ; 1e7D ; 1e-3D ; 9999999D ; 0.001F
CAST({} AS BOOLEAN) : S|I|d|'true'|'T'|'yes'|'1'|'n'|'off'|' false '
CAST({} AS BINARY) : S|I|L|y|h
CAST({} AS DATE) : dates|T|TN ; I
CAST({} AS TIMESTAMP) : times|L|d|dec|b|D
CAST({} AS ARRAY<STRING>) : ai|ad
CAST({} AS MAP<STRING, STRING>) : mp
CAST({} AS STRUCT<x: BIGINT, y: STRING>) : st
CAST({} AS INTERVAL DAY TO SECOND) : '1 02:03:04'|'x'|'INTERVAL \'5\' DAY'|DT|I
string(CAST({} AS INTERVAL YEAR TO MONTH)) : '1-2'|'x'|YM
string(CAST({} AS INTERVAL MONTH)) : 5|YM
CAST({} AS CHAR(3)) : s|S
CAST({} AS VARCHAR(3)) : s|S
TRY_CAST({} AS INT) : L|d|S|dec|'x'
TRY_CAST({} AS DECIMAL(5, 2)) : I|S|dec
TRY_CAST({} AS DATE) : dates
TRY_CAST({} AS TIMESTAMP) : times
TRY_CAST({} AS BOOLEAN) : S
int : S|d
bigint : S|d
double : S|dec
decimal : S|d
boolean : S|I
string : d|I
binary : S
float : d|S
smallint : I
tinyint : I
"""

GROUPS["json"] = r"""
get_json_object : json path
json_array_length : json
json_object_keys : json
from_json : json 'a INT, b STRING' ; json 'ARRAY<INT>' ; json 'MAP<STRING,STRING>'
to_json : st|mp ; ai ; named_struct('d',DATE'2024-02-29','t',TIMESTAMP'2024-02-29 01:02:03') ; array(st)
schema_of_json : '{"a":1}' ; '[1,2.5]' ; '{"a":[{"b":"x"}],"c":null}' ; 'x' ; ''
from_csv : '1,abc' 'a INT, b STRING' ; S 'a STRING' ; '1' 'a INT, b INT' ; 'x' 'a INT'
to_csv : st ; named_struct('a','x,y','b','"')
schema_of_csv : '1,abc' ; '2024-01-01,1.5' ; S
"""

GROUPS["misc"] = r"""
from_avro : X'00' '"int"' ; X'00' 1 ; X'00' 'x' map(1,2) ; X'00' 'x' map('a','b') ; X'00'
to_avro : 1 ; 1 '"int"' ; 1 2 ; rand()
schema_of_avro : '"int"' ; 1 ; NULL ; uuid()
from_protobuf : X'00' 'M' ; X'00' 'M' '/no/file' ; X'00' 'M' X'00' ; X'00' uuid() ; X'00' 1
to_protobuf : 1 'M' ; named_struct('a',1) 'M' ; named_struct('a',1) 'M' '/no/file'
range : 1
python_worker_logs :
aes_decrypt(aes_encrypt({}, '0000111122223333'), '0000111122223333') : S|B
current_catalog : 
current_database : 
current_schema : 
current_user() IS NULL : 
user() = session_user() : 
version() LIKE '4.2.0%' : 
uuid() IS NULL : 
length(uuid()) : 
monotonically_increasing_id : 
spark_partition_id : 
input_file_name : 
input_file_block_start : 
input_file_block_length : 
bitmap_count : X'FF01'
"""

GROUPS["aggregate"] = r"""
count : i ; * ; DISTINCT~i ; i,d
count_if : i>1
sum : i ; l ; d ; DISTINCT~i ; e ; f ; y ; dt
string(sum({})) : ym
try_sum : i ; l ; d ; e
avg : i ; d ; e ; DISTINCT~i ; dt
string(avg({})) : ym
mean : i ; l
try_avg : i ; e
min : i ; d ; s ; b ; dt ; a ; e ; x ; day
max : i ; d ; s ; b ; dt ; a ; e ; x ; day
any_value : i ; s ; i,true
first : i ; i,true ; s
first_value : i ; s,true
last : i ; i,true ; s
last_value : i
min_by : s,i ; i,d ; s,e
max_by : s,i ; i,d ; s,o ; s,o,2
stddev : i ; d ; e
std : i
stddev_samp : i ; d
stddev_pop : i ; d
variance : i ; d
var_samp : d
var_pop : i ; e
skewness : i ; d ; e
kurtosis : i ; d
corr : i,d ; o,i
covar_samp : i,d ; o,l
covar_pop : i,d
regr_avgx : i,o
regr_avgy : i,o
regr_count : i,o
regr_intercept : i,o
regr_r2 : i,o
regr_slope : i,o ; d,o
regr_sxx : i,o
regr_sxy : i,o
regr_syy : i,o
bool_and : b
bool_or : b
every : b
some : b
any : b
bit_and : i ; l ; y
bit_or : i ; l
bit_xor : i ; l
collect_list : i ; s ; a
array_agg : s
size(collect_set({})) : i ; s ; d
sort_array(collect_set({})) : i ; s
listagg : s ; s,',' ; x,X'2C'
listagg({}) WITHIN GROUP (ORDER BY {} DESC) : s s ; s,'|' s
mode : i ; s ; i,true
mode() WITHIN GROUP (ORDER BY {}) : i ; s~DESC
median : i ; d ; e
percentile : i,0.5 ; d,array(0.25,0.75) ; i,0.3 ; i,0.5,o ; i,1.5
percentile_cont({}) WITHIN GROUP (ORDER BY {}) : 0.5 i|d ; 0.25 i|i~DESC
percentile_disc({}) WITHIN GROUP (ORDER BY {}) : 0.5 i|d ; 0.25 i|i~DESC
percentile_approx : i,0.5 ; d,array(0.1,0.9),100 ; i,0.5,10000 ; day,0.5 ; i,2.0
approx_percentile : i,0.5 ; l,0.9
approx_count_distinct : i ; s ; d,0.1
histogram_numeric : i,3 ; d,2 ; i,10
bitmap_count(bitmap_construct_agg({})) : bitmap_bit_position(o)
substring(hex(bitmap_construct_agg({})), 1, 8) : bitmap_bit_position(o)
substring(hex(bitmap_or_agg({})), 1, 4) : x
substring(hex(bitmap_and_agg({})), 1, 4) : x
approx_top_k : i ; s ; i,2 ; s,2,100 ; day ; i,0
approx_top_k_estimate(approx_top_k_accumulate({})) : i ; s ; d,2 ; e ; f ; y ; b ; day ; i,1
approx_top_k_accumulate : i ; s ; l,2 ; d ; e ; f ; y ; b ; day,100 ; i,0 ; i,NULL ; i,2000000 ; x ; a ; i,i
approx_top_k_estimate : 1 ; NULL ; approx_top_k_accumulate(i),0 ; approx_top_k_accumulate(i),NULL ; approx_top_k_accumulate(i,10),11
approx_top_k_combine : i ; NULL
measure : i ; i,i
hex(count_min_sketch({}, 0.5D, 0.5D, 1)) : i ; s ; l ; x
hll_sketch_estimate(hll_sketch_agg({})) : i ; s ; l ; x ; i,10 ; i,3
theta_sketch_estimate(theta_sketch_agg({})) : i ; s ; d ; l
kll_sketch_get_n_bigint(kll_sketch_agg_bigint({})) : i ; l
vector_sum : v
vector_avg : v
sum({}) FILTER (WHERE {}) : i b ; i i>100
count({}) FILTER (WHERE {}) : * b
"""

GROUPS["window"] = r"""
row_number() OVER {} : w
rank() OVER {} : w
dense_rank() OVER {} : w
percent_rank() OVER {} : w
cume_dist() OVER {} : w
ntile({}) OVER {} : 2|1|5|0 w
lag({}) OVER {} : i|s|i,2|i,1,0|i,-1 w
lag({}) IGNORE NULLS OVER {} : i w
lead({}) OVER {} : i|s|i,2|i,1,-9 w
nth_value({}) OVER {} : i,2|s,1 w
first_value({}) OVER {} : i w
last_value({}) OVER {} : i w
sum({}) OVER {} : i|d|e w|wr|wg
avg({}) OVER {} : i|d w|wr
min({}) OVER {} : i|s w|wr
max({}) OVER {} : i|s w|wr
count({}) OVER {} : i|* w|wr|wg
collect_list({}) OVER {} : i w|wr
stddev({}) OVER {} : d w
"""

RELATION = """(SELECT * FROM VALUES
 ('a', 1, 1, 10L, 1.5D, 1.25, 'x', true, DATE'2024-01-01', array(1, 2), X'01', 2.5F, 1Y, INTERVAL '1' DAY, INTERVAL '1' MONTH, array(1F, 2F)),
 ('a', 2, 3, 30L, -0.0D, 2.50, 'y', false, DATE'2024-02-29', array(2), X'80', 0.5F, 2Y, INTERVAL '2' DAY, INTERVAL '2' MONTH, array(3F, 5F)),
 ('a', 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('a', 4, 2, -5L, 4.25D, -0.75, 'x', true, DATE'1999-12-31', array(1), X'FF', 1.5F, -3Y, INTERVAL '3' HOUR, INTERVAL '-5' MONTH, array(0F, 1F)),
 ('a', 5, 3, 7L, 0.5D, 9.00, 'ä', true, DATE'2024-02-29', array(1, 2, 3), X'00', 3.5F, 5Y, INTERVAL '0' DAY, INTERVAL '12' MONTH, array(9F, 9F)),
 ('b', 6, 7, 8L, CAST('NaN' AS DOUBLE), 0.01, '', false, DATE'1970-01-01', array(7), X'', 1.0F, 127Y, INTERVAL '5' SECOND, INTERVAL '3' YEAR, array(1F, 1F)),
 ('c', 7, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('c', 8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('d', 9, 2147483647, 9223372036854775807L, CAST('Infinity' AS DOUBLE), 99999.99, 'z', true, DATE'9999-12-31', array(5), X'7F', 9F, 1Y, INTERVAL '1' DAY, INTERVAL '1' MONTH, array(2F, 2F)),
 ('d', 10, 4, 1L, 2.0D, 1.00, 'Z', NULL, DATE'2000-01-01', array(4), X'0F', 8F, 2Y, INTERVAL '1' DAY, INTERVAL '1' MONTH, array(4F, -2F)),
 ('d', 11, 4, 2L, 2.0D, 1.00, 'z', false, DATE'2000-01-01', array(4), X'F0', 8F, 2Y, INTERVAL '1' DAY, INTERVAL '1' MONTH, array(6F, 0F))
 AS t(g, o, i, l, d, e, s, b, day, a, x, f, y, dt, ym, v) ORDER BY o)"""
"""What aggregates and window functions run over. """

WINDOWS = {
    "w": "(PARTITION BY g ORDER BY o)",
    "wr": "(PARTITION BY g ORDER BY o ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)",
    "wg": "(PARTITION BY g ORDER BY o RANGE BETWEEN 1 PRECEDING AND CURRENT ROW)",
}
