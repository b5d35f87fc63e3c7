# Trained models: which one is used, what a stream says when its model is missing, and bad files.
# $MAKE_MODEL writes small ones that were never trained.
filter='s/[0-9a-f]{64}/SHA/g;s/[0-9a-f]{12}\.\.\./HASH.../g;s/[0-9a-f]{16}\.\.\./HASH.../g;s/among [0-9]+ known models?/among N known models/'
picture rgb 64 48 8 >in.pam
mkdir -p one two home
"$MAKE_MODEL" one/alpha.tsm alpha 1 0.02
"$MAKE_MODEL" two/beta.tsm beta 2 0.02

# Without a model, if none is built in; with net=off none is needed.
[ "$(tessera model list)" ] || {
    tessera encode in.pam a.tsr -c vqvae 2>err && echo "ENCODED WITHOUT A MODEL"
    grep -q "transform 'vqvae' needs a trained model and none is built in: give one with --model FILE" err || cat err
}
must tessera encode in.pam off.tsr -c vqvae:net=off/rdo --step 40
must tessera encode in.pam plain.tsr -c wavelet/rdo --step 40
must tessera decode off.tsr off.pam
must tessera decode plain.tsr plain.pam
same off.pam plain.pam

# As a file, and by name from the folders.
must tessera encode in.pam a.tsr -c vqvae/rdo --step 40 --model one/alpha.tsm
(export TESSERA_MODEL_PATH=two:one; tessera encode in.pam b.tsr -c vqvae/rdo --step 40 --model alpha)
same a.tsr b.tsr
must tessera encode in.pam c.tsr -c vqvae/rdo --step 40 --model two/beta.tsm
cmp -s a.tsr c.tsr && echo "TWO MODELS, ONE STREAM"
try tessera info a.tsr | sed -n '/model/p'
try tessera model info one/alpha.tsm
(export TESSERA_MODEL_PATH=one; tessera model info alpha --json >alpha.json)
json_member alpha.json name | head -1
(export TESSERA_MODEL_PATH=one:two; tessera model list | sed -E "$filter" | grep -v built-in)

# Decoding finds it by hash: given, in a folder, in a folder under another name.
must tessera decode a.tsr given.pam --model one/alpha.tsm
(export TESSERA_MODEL_PATH=two:one; tessera decode a.tsr found.pam)
cp one/alpha.tsm home/renamed.tsm
(export TESSERA_MODEL_PATH=home; tessera decode a.tsr renamed.pam)
same given.pam found.pam
same given.pam renamed.pam

# Missing, another one, another one of that name.
try tessera decode a.tsr x.pam
try tessera decode a.tsr x.pam --model two/beta.tsm
"$MAKE_MODEL" home/alpha.tsm alpha 9 0.02
rm home/renamed.tsm
(export TESSERA_MODEL_PATH=home:one/none; try tessera decode a.tsr x.pam)
try tessera encode in.pam x.tsr -c vqvae --model nobody
try tessera encode in.pam x.tsr -c vqvae --model no/such.tsm
[ -e x.pam ] || [ -e x.tsr ] && echo "OUTPUT LEFT BEHIND"

# Bad files.
: >empty.tsm
try tessera model info ./empty.tsm
try tessera model info ./in.pam
head -c 200 one/alpha.tsm >cut.tsm
try tessera model info ./cut.tsm
(head -c 100 one/alpha.tsm; printf x; tail -c +102 one/alpha.tsm) >damaged.tsm
try tessera encode in.pam x.tsr -c vqvae --model ./damaged.tsm
"$MAKE_MODEL" other.tsm other 1 0.02 4 other
try tessera encode in.pam x.tsr -c vqvae --model ./other.tsm
try tessera plugin check vqvae:net=maybe
try tessera plugin check vqvae:net=maybe --json

# Networks of integers, without photographs and with some; what they say, that they work, what is refused.
"$MAKE_MODEL" float.tsm float 5 0.02
try tessera model quantize float.tsm x.tsm
must tessera model quantize float.tsm fast.tsm -c wavelet:levels=2/rdo/adaptive --pictures 2 --quiet
tessera model info fast.tsm | sed -E "$filter" | grep -E '^(model|decoder |encoder |name|command|integers )'
mkdir -p photos
cp in.pam photos
tessera model quantize float.tsm Other_Name.tsm -c wavelet:levels=2/rdo/adaptive --data photos | wc -l
tessera model info Other_Name.tsm | sed -E "$filter" | grep -E '^(name|integers )'
must tessera encode in.pam fast.tsr -c vqvae:encoder=off/rdo --step 40 --model ./fast.tsm
must tessera encode in.pam slow.tsr -c vqvae:encoder=off/rdo --step 40 --model ./float.tsm
must tessera decode fast.tsr fast.pam --model ./fast.tsm
must tessera decode slow.tsr slow.pam --model ./float.tsm
tessera compare slow.pam fast.pam --json >near.json
[ "$(json_member near.json psnr | cut -d. -f1)" -ge 45 ] || cat near.json
try tessera model quantize fast.tsm x.tsm -c wavelet
try tessera model quantize other.tsm x.tsm -c wavelet
try tessera model quantize none.tsm x.tsm -c wavelet
try tessera model quantize float.tsm x.tsm -c wavelet --data two
try tessera model quantize float.tsm no/such/x.tsm -c wavelet --pictures 1
[ -e x.tsm ] && echo "OUTPUT LEFT BEHIND"
