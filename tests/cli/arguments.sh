# Bad arguments: one line, naming what was wrong, what is legal and what is near; exit code 1.
picture rgb 20 16 8 >a.pam
try tessera encod a.pam a.tsr
try tessera frobnicate
try tessera plugin chek
try tessera encode
try tessera encode a.pam
try tessera encode a.pam b.tsr c.tsr
try tessera encode a.pam b.tsr -o c.tsr
try tessera encode a.pam b.png
try tessera encode a.pam a.tsr --qualty 50
try tessera encode a.pam a.tsr --color klt
try tessera encode a.pam a.tsr --no-such-thing-at-all
try tessera encode a.pam a.tsr -x
try tessera encode a.pam a.tsr -q
try tessera encode a.pam a.tsr -q 101
try tessera encode a.pam a.tsr -q fifty
try tessera encode a.pam a.tsr -q nan
try tessera encode a.pam a.tsr -q ''
try tessera encode a.pam a.tsr -e 2.5
try tessera encode a.pam a.tsr -j 0
try tessera encode a.pam a.tsr --target-size 10Q
try tessera encode a.pam a.tsr --target-size 1.3
try tessera encode a.pam a.tsr --colour ycbr
try tessera encode a.pam a.tsr --views 4
try tessera encode a.pam a.tsr --lossless=yes
try tessera encode a.pam a.tsr --target-bpp 1 --target-psnr 40
try tessera encode a.pam a.tsr -q 50 --lossless
try tessera decode a.tsr a.foo
try tessera decode a.tsr a.png --format gif
try tessera compare - -
try tessera list transform
ls -A
