"""What TeX's macros look like as Unicode: the tables, for those that abstracts use.

Symbols agree with pylatexenc's where it has them (a test compares all); the rest are from unimathsymbols. Tables are
strings of `name sign name sign`, which costs a start less than a literal of as many entries.
"""


def _table(words: str) -> dict[str, str]:
    parts = words.split()
    return dict(zip(parts[::2], parts[1::2], strict=True))


GREEK = _table(
    "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ varkappa ϰ "
    "lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ "
    "chi χ psi ψ omega ω digamma ϝ Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω"
)
ORDINARY = GREEK | _table(
    "aleph ℵ beth ℶ gimel ℷ hbar ħ hslash ℏ ell ℓ wp ℘ Re ℜ Im ℑ partial ∂ nabla ∇ infty ∞ infin ∞ emptyset ∅ "
    "varnothing ∅ imath ı jmath ȷ prime ′ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ top ⊤ bot ⊥ angle ∠ "
    "measuredangle ∡ triangle △ square □ Box □ blacksquare ▪ diamond ♢ Diamond ◇ lozenge ◊ bigstar ★ dagger † "
    "ddagger ‡ dag † ddag ‡ clubsuit ♣ diamondsuit ♢ heartsuit ♡ spadesuit ♠ sharp ♯ flat ♭ natural ♮ checkmark ✓ "
    "complement ∁ mho ℧ degree ° textdegree ° S § P ¶ pounds £ textsterling £ euro € texteuro € yen ¥ copyright © "
    "textcopyright © textregistered ® texttrademark ™ ldots … dots … dotsc … dotsb … dotsm … dotsi … textellipsis … "
    "cdots ⋯ vdots ⋮ ddots ⋱ surd √ AA Å angstrom Å Angstrom Å micron μm textmu µ textmd · "
    "arcsec ″ arcmin ′ msun M⊙ Msun M⊙ lsun L⊙ Lsun L⊙ rsun R⊙ Rsun R⊙ zsun Z⊙ Zsun Z⊙ ohm Ω square □ "
    "BbbR ℝ textbullet • textperiodcentered · textendash – textemdash — textquoteleft ‘ textquoteright ’ "
    "textquotedblleft “ textquotedblright ” textquotesingle ' textquotedbl \" lq ‘ rq ’ guillemotleft « "
    "guillemotright » textasciitilde ~ textasciicircum ^ textunderscore _ textbackslash \\ backslash \\ textbar | "
    "textless < textgreater > textdollar $ textpercent % textsection § textdagger † textordfeminine ª "
    "textonehalf ½ texttimes × textpm ± textrightarrow → slash / mathsection § mathdollar $ lbrack [ rbrack ]"
)
# Not TeX's own, but what nearly every author calls them.
SETS = _table("R ℝ C ℂ N ℕ Z ℤ Q ℚ RR ℝ CC ℂ NN ℕ ZZ ℤ QQ ℚ reals ℝ")
INFIX = _table(
    "times × div ÷ pm ± mp ∓ cdot · cdotp · ast ∗ circ ∘ bullet ∙ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙ star ⋆ "
    "cap ∩ cup ∪ sqcap ⊓ sqcup ⊔ uplus ⊎ vee ∨ wedge ∧ lor ∨ land ∧ setminus ∖ smallsetminus ∖ wr ≀ amalg ⨿ "
    "bigcirc ◯ triangleleft ◃ triangleright ▹ lhd ⊲ rhd ⊳ ltimes ⋉ rtimes ⋊ boxplus ⊞ boxtimes ⊠ "
    "le ≤ leq ≤ leqslant ⩽ leqq ≦ ge ≥ geq ≥ geqslant ⩾ geqq ≧ lt < gt > ne ≠ neq ≠ ll ≪ gg ≫ lll ⋘ ggg ⋙ "
    "prec ≺ succ ≻ preceq ≼ succeq ≽ precsim ≾ succsim ≿ lesssim ≲ gtrsim ≳ lessapprox ⪅ gtrapprox ⪆ lessgtr ≶ "
    "gtrless ≷ sim ∼ simeq ≃ approx ≈ approxeq ≊ cong ≅ equiv ≡ asymp ≍ doteq ≐ propto ∝ varpropto ∝ triangleq ≜ "
    "coloneqq ≔ coloneq ≔ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋ sqsubseteq ⊑ "
    "sqsupseteq ⊒ in ∈ notin ∉ ni ∋ models ⊨ vdash ⊢ dashv ⊣ vDash ⊨ perp ⊥ parallel ∥ nparallel ∦ mid | nmid ∤ "
    "bowtie ⋈ nleq ≰ ngeq ≱ nless ≮ ngtr ≯ ncong ≇ nsubseteq ⊈ to → gets ← rightarrow → leftarrow ← "
    "leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ longrightarrow ⟶ longleftarrow ⟵ "
    "longleftrightarrow ⟷ Longrightarrow ⟹ Longleftarrow ⟸ Longleftrightarrow ⟺ mapsto ↦ longmapsto ⟼ "
    "hookrightarrow ↪ hookleftarrow ↩ uparrow ↑ downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ rightharpoonup ⇀ "
    "rightharpoondown ⇁ rightleftharpoons ⇌ leftrightharpoons ⇋ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ "
    "rightsquigarrow ⇝ leadsto ⇝ twoheadrightarrow ↠ rightarrowtail ↣ upharpoonright ↾ restriction ↾ implies ⟹ "
    "impliedby ⟸ iff ⟺ therefore ∴ because ∵ upmodels ⫫ indep ⫫ bmod mod"
)
LARGE = _table(
    "sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcup ⋃ bigcap ⋂ bigvee ⋁ bigwedge ⋀ bigoplus ⨁ "
    "bigotimes ⨂ bigodot ⨀ bigsqcup ⨆ biguplus ⨄"
)
OPENING = _table("langle ⟨ lfloor ⌊ lceil ⌈ lvert | lVert ‖ lbrace { llbracket ⟦ ulcorner ⌜")
CLOSING = _table("rangle ⟩ rfloor ⌋ rceil ⌉ rvert | rVert ‖ rbrace } rrbracket ⟧ urcorner ⌝")
UPRIGHT = _table("vert | Vert ‖")

NAMES = {
    name: name
    for name in (
        "log ln lg exp sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan arg det dim ker hom deg gcd "
        "lcm max min sup inf lim limsup liminf Pr Var Cov argmax argmin softmax sgn sign Tr tr diag rank poly polylog "
        "erf supp conv span vol dist"
    ).split()
} | {"limsup": "lim sup", "liminf": "lim inf", "argmax": "arg max", "argmin": "arg min"}
"""Operators that are set as upright words."""

WORDS = {
    "LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX", "LaTeXe": "LaTeX2e", "XeTeX": "XeTeX",
    "eg": "e.g.", "ie": "i.e.", "etal": "et al.", "etc": "etc.", "vs": "vs.", "wrt": "w.r.t.", "cf": "cf.",
    "kms": "km s⁻¹", "mod": "mod", "and": "and",
}  # fmt: skip
"""Macros that stand for words in text."""

HATS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
    "overline": "\u0305", "vec": "\u20d7", "overrightarrow": "\u20d7", "dot": "\u0307", "ddot": "\u0308",
    "acute": "\u0301", "grave": "\u0300", "check": "\u030c", "widecheck": "\u030c", "breve": "\u0306",
    "mathring": "\u030a",
}  # fmt: skip

SUPERSCRIPTS = str.maketrans(
    "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθϕφχ",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵠᵡ",
)
SUBSCRIPTS = str.maketrans("0123456789+-−=()aehijklmnoprstuvxβγρϕφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵩᵪ")
RAISED = frozenset(map(chr, SUPERSCRIPTS.values()))
LOWERED = frozenset(map(chr, SUBSCRIPTS.values()))

# Unicode's mathematical alphabets: where A, a and 0 stand, and the letters that were there before (TR25).
ALPHABETS: dict[str, tuple[int, int, int]] = {
    "bb": (0x1D538, 0x1D552, 0x1D7D8),
    "script": (0x1D49C, 0x1D4B6, 0),
    "fraktur": (0x1D504, 0x1D51E, 0),
    "bold": (0x1D400, 0x1D41A, 0x1D7CE),
}
EXCEPTIONS = {
    "bb": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
    "script": dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)),
    "fraktur": dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True)),
}
FONTS = {
    "mathbb": "bb", "Bbb": "bb", "mathds": "bb", "mathbbm": "bb", "mathcal": "script", "mathscr": "script",
    "cal": "script", "mathfrak": "fraktur", "frak": "fraktur", "mathbf": "bold", "boldsymbol": "bold", "bm": "bold",
    "pmb": "bold", "bold": "bold", "symbf": "bold",
}  # fmt: skip
"""Macros of one argument to the alphabet that its letters are written in."""


def letter(character: str, alphabet: str) -> str:
    """`character` in one of the mathematical alphabets; itself where it is not a letter or a digit of ASCII."""
    if character in EXCEPTIONS.get(alphabet, ()):
        return EXCEPTIONS[alphabet][character]
    upper, lower, zero = ALPHABETS[alphabet]
    if "A" <= character <= "Z":
        return chr(upper + ord(character) - ord("A"))
    if "a" <= character <= "z":
        return chr(lower + ord(character) - ord("a"))
    if zero and "0" <= character <= "9":
        return chr(zero + ord(character) - ord("0"))
    return character
