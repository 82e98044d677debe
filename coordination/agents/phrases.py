"""What text says when it gives orders to its reader, as patterns over folded text.

Patterns ask for an act and its object, a speaker who is no vendor, or a claim that the work is done already:
the words alone stand on labels, in names of goods and in ordinary terms of payment.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

GAP: Final = r"(?:\W+\w+){0,5}?\W+"
"""Up to five words between an act and its object."""
NEAR: Final = r"\W+(?:\w+\W+){0,3}?"

CONTROLS: Final = (
    r"(?:purchase\W+orders?|order\W+prices?|prices?|differen\w+|discrepanc\w+|mismatch\w*|varianc\w+|thresholds?|limits?"
    r"|duplicates?|holds?|receipts?|warnings?|errors?|flags?|alerts?|history|context|restrictions?|safeguards?|guardrails?"
    r"|everything|anything|tolerances?|bank|vat|procedures?|process|programming|training)"
)
DOCUMENT: Final = (
    r"(?:invoice|payment|document|bill|claim|amount|credit|rechnung|facture|factura|fattura|faktura|factuur)"
)
AT_ONCE: Final = r"(?:immediately|now|without|automatically|regardless|anyway|at\W+once|straight|today|asap|unconditionally)"
STAFF: Final = (
    r"(?:reviewers?|managers?|management|cfo|ceo|cto|coo|director|controller|auditors?|human|colleague|boss|treasurer"
    r"|finance|procurement|purchasing|accounting|headquarters|supervisor|approver)"
)
DONE: Final = (
    r"(?:approved|cleared|authori[sz]ed|signed\W+off|verified|matched|validated|checked|confirmed|released)"
)
STRONG: Final = r"(?:approv\w*|clear\W+(?:all|this|the|it)|releas\w*|pay|ignor\w*|skip|bypass|overrid\w*|authori[sz]e|treat|mark)"
CHECK: Final = (
    r"(?:match\w*|checks?|checking|review|approval|verification|validation|controls?|escalation|comparison)"
)
MACHINE: Final = r"(?:ai|llm|gpt|chatgpt|language\W+model|agents?|assistants?|bots?|robots?|chatbot|automation|algorithm|parser|ocr|software)"
MAY: Final = (
    r"(?:please|must|should|shall|can|may|will|have\W+to|has\W+to|is\W+to|are\W+to|need\W+to|needs\W+to)"
)
ACT: Final = r"(?:approv\w*|clear|releas\w*|pay|accept|ignor\w*|skip|mark|process|bypass|overrid\w*|authori[sz]e|book|post|return|output|set)"
RULED: Final = r"(?:regel\w*|prüf\w*|kontroll\w*|vorgab\w*|anweisung\w*|toleranz\w*|abgleich\w*|freigabe\w*)"
GIVEN: Final = r"(?:instruc\w+|consign\w+|contr[oôó]l\w*|r[eèé]gl\w+|regol\w+|istruz\w+|v[eé]rif\w+|revisi\w+|aprobaci\w+|valid\w+|limit\w+)"

_SPEAKER: Final = (
    rf"\b(?:system|assistant|admin|administrator|developer|operator|root)\W{{0,3}}:{GAP}{STRONG}\b",
    rf"\b(?:system|assistant|admin|developer)\W{{0,3}}:{NEAR}{STAFF}\b",
    rf"\b(?:bot|ai|llm|agents?|assistant)\W{{0,3}}[:,]\W*(?:\w+\W+){{0,3}}?{STRONG}\b",
    r"\byou\W+are\W+now\b|\byou\W+are\W+(?:allowed|permitted|instructed|authori[sz]ed|required)\W+to\b",
    rf"\b(?:act|behave)\W+as\W+(?:if\b|(?:an?\W+|the\W+)?(?:\w+\W+)?{STAFF}\b)|\bpretend\W+(?:to|that|you)\b",
    r"\bnew\W+(?:instructions|task|directive)\b|\b(?:in|into|enter|enable|activate)\W+(?:\w+\W+)?(?:admin|developer|debug|god|maintenance|test|training)\W+mode\b",
    rf"\byou\W+(?:must|should|shall|have\W+to|need\W+to|will|can)\W+(?:\w+\W+){{0,2}}?{ACT}\b",
    rf"\b{MACHINE}\b(?:\W+\w+){{0,2}}?\W+{MAY}\W+(?:\w+\W+){{0,2}}?{ACT}\b",
    rf"\b(?:instruct|tell|ask|make)\W+(?:the\W+|your\W+)?(?:\w+\W+){{0,2}}?{MACHINE}\W+to\b",
    rf"\bif\W+you\W+are\W+(?:an?\W+)?(?:\w+\W+){{0,2}}?{MACHINE}\b|\b(?:large\W+)?language\W+model\b|\bchatgpt\b",
    r"\b(?:dear|hello|hi|hey|attention|attn)[\s,:!]+(?:the\W+|any\W+|all\W+)?(?:\w+\W+){0,2}?(?:ai|llm|bot|chatbot|algorithm)\b",
    r"\bjailbreak\b|\bprompt\W+injection\b|\b(?:system|admin|security|policy|manager|executive)\W+override\b|\boverride\W{0,2}:",
)
_LET_THROUGH: Final = (
    rf"\b(?:ignor\w*|disregard\w*|forget|suppress|circumvent|overlook)\b{GAP}{CONTROLS}\b",
    rf"\b(?:auto\W*)?(?:approve|clear|release|authori[sz]e|accept)\W+(?:(?:this|the|it|all|my|our|for)\W+)*(?:{DOCUMENT}\W+)?{AT_ONCE}\b",
    (
        r"\b(?:output|respond|reply|answer|return|print|say|emit)\W+(?:(?:with|only|just|exactly|the|word|status)\W+)*"
        r"(?:approved?|ok|yes|clear(?:ed)?|auto|accept(?:ed)?|paid|match(?:ed)?|no\W+(?:holds?|findings?|issues?))\b"
    ),
    rf"\b{DOCUMENT}\W+(?:\w+\W+){{0,3}}?(?:pre\W*{DONE}|(?:already|fully|previously)\W+(?:been\W+)?{DONE}|{DONE}\W+by\W+(?:the\W+|our\W+|your\W+)?{STAFF})\b",
    rf"\b{STAFF}\W+(?:\w+\W+){{0,2}}?(?:already|previously|pre)\W*(?:\w+\W+)?{DONE}\b",
    rf"\b(?:pre\W*|already\W+){DONE}\W+by\W+(?:the\W+|our\W+|your\W+)?{STAFF}\b",
    rf"\b(?:consider|assume|deem|regard)\b{GAP}(?:{DONE}|correct|safe|trusted|paid|genuine|received)\b",
    rf"\b(?:classify|label|tag|flag|categori[sz]e|mark|treat|record)\b{GAP}as\W+(?:{DONE}|correct|safe|trusted|clean|low\W+risk|genuine|received)\b",
    rf"\b(?:exempt|excluded)\W+from\W+(?:\w+\W+){{0,3}}?{CHECK}\b",
    rf"\bdo\W+not\W+(?:run|perform|apply|execute|carry\W+out)\W+(?:\w+\W+){{0,3}}?{CHECK}\b",
    rf"\b{CHECK}\W+(?:is|are|was)\W+not\W+(?:necessary|needed|required|applicable)\b|\b{CHECK}\W+(?:does|do)\W+not\W+apply\b",
    (
        r"\b(?:no|without(?:\W+any)?)\W+(?:human|manual|further|additional)\W+(?:\w+\W+)?(?:review|checks?|approval|intervention|verification"
        r"|control|escalation|confirmation|matching|oversight|involvement|look)\b"
    ),
    r"\bno\W+(?:human|person|reviewer|clerk)\W+(?:\w+\W+){0,2}?(?:look|review|check|see|read|approv|needed|required)\w*",
    r"\bno\W+(?:goods\W+|order\W+)?(?:receipt|purchase\W+order|approval|review|escalation)\W+(?:is\W+|was\W+)?(?:needed|required|necessary)\b",
    r"\bconfidence\W+(?:\w+\W+){0,2}?(?:to\W+|is\W+|of\W+)?(?:1|0\W9\d*|100)\b",
    r"\bdo\W+not\W+(?:contact|call|tell|inform|notify|alert|involve)\W+(?:our|the|your|any|us|anyone|anybody|me|them)\b",
    (
        rf"\bdo\W+not\W+(?:hold|block|delay|stop|query|question|verify|reject|dispute|stall|route|pause)"
        rf"(?:\W+(?:this|the|any|our|on|up|with))*(?:\W*$|\W*[.;!,]|\W+{DOCUMENT}\b|\W+(?:bank|account|iban|price|supplier|vendor)\b)"
    ),
    r"\b(?:goods|delivery|price|quantit\w+|receipt)\W+(?:\w+\W+){0,3}?(?:need\W+not|needn\W*t|do\W+not\W+need\W+to|does\W+not\W+need\W+to)\W+be\W+(?:checked|matched|verified|compared)",
)
_FOREIGN: Final = (
    r"\b(?:prüfung|kontrolle|abgleich|freigabe)\W+(?:\w+\W+){0,2}?nicht\W+(?:\w+\W+)?(?:erforderlich|nötig|notwendig)\b",
    rf"\b(?:vergiss|vergessen|missacht\w*|umgeh\w*|übergeh\w*|überspring\w*|unterlass\w*|ignorier\w*|deaktivier\w*)\b{GAP}{RULED}\b",
    r"\b(?:rechnung|beleg|zahlung)\W+(?:\w+\W+){0,4}?(?:sofort|automatisch|direkt|umgehend|ungeprüft)\W+(?:\w+\W+){0,2}?(?:frei\w+|genehmig\w+|buch\w+|anweis\w+)\b",
    r"\b(?:genehmig\w+|gib|gebt)\W+(?:sie\W+)?(?:diese|die|den)\W+(?:rechnung|beleg|zahlung)\b|\bungeprüft\W+(?:frei\w*|zahl\w*|buch\w*)",
    r"\bohne\W+(?:\w+\W+)?(?:kontrolle|abgleich|rückfrage|genehmigung|freigabe)\W+(?:\w+\W+){0,2}?(?:frei\w*|zahl\w*|überw\w*|buch\w*|verarbeit\w*)",
    rf"\b(?:oublie[rz]?|contourne[rz]?|sautez?|ne\W+tenez\W+pas\W+compte|olvid\w+|omit[aei]\w*|salt[aei]\w*|dimentica\w*|ignor\w+|non\W+considerare)\b{GAP}{GIVEN}\b",
    r"\b(?:valide[rz]?|approuve[rz]?|paye[rz]?|lib[eé]re[rz]?)\W+(?:imm[eé]diatement\W+)?(?:cette|la)\W+facture\b",
    r"\b(?:aprueb\w+|autori[cz]\w+|valid[ae]\w*|libere)\W+(?:esta|la)\W+factura\b|\b(?:approv\w+|autorizza\w*|libera\w*|valida\w*)\W+(?:questa|la)\W+fattura\b",
    r"\bsans\W+(?:aucun\w*\W+)?(?:contr[oô]le|v[eé]rification|validation|approbation)\W*(?:$|[.;,!]|humain|manuel|pr[eé]alable)",
    r"\bsin\W+(?:\w+\W+)?(?:revisi[oó]n|verificaci[oó]n|control|aprobaci[oó]n)\b|\bsenza\W+(?:\w+\W+)?(?:controll\w|verific\w+|approvazione|revisione)\b",
    r"\bkeur\W+(?:deze|de)\W+factuur\W+goed\b|\bzonder\W+(?:\w+\W+)?(?:controle|goedkeuring)\b|\bgodk[aäeæ]n\w*\W+(?:denne|denna|fakturan|fakturaen|faktura)\b",
    r"\b(?:ignorera|bortse\W+från|ignorer|se\W+bort\W+fra)\b(?:\W+\w+){0,5}?\W+(?:instru\w+|kontrol\w+|regl\w+|regel\w*)",
    r"\bzignoruj\w*|\bzatwierd\w+\W+(?:tę|te|ta)?\W*faktur\w+",
)
_BEFORE: Final = "|".join(
    [r"(?<![\s\S])", r"(?<=[.;:!?|/,(\n])", r"(?<=[.;:!?|/,)\n]\s)"]
    + [
        rf"(?<={word}\W)"
        for word in [
            "please",
            "kindly",
            "sudo",
            "just",
            "now",
            "then",
            "and",
            "must",
            "should",
            "system",
            "agent",
            "assistant",
        ]
    ]
)


def _opens(verbs: str) -> str:
    """One of the verbs where an order to the reader begins; "to increase the amount" and "we approve" are
    none."""
    return rf"\b(?={verbs})(?:{_BEFORE}){verbs}"


LET: Final = _opens(
    r"(?:auto\W*)?(?:approve|clear|release|authori[sz]e|validate|green\W*light|wave\W+through)"
)
WIPE: Final = _opens("(?:delete|erase|remove|hide|conceal|purge|wipe|clear)")
CLOSE: Final = _opens("(?:close|dismiss|cancel|withdraw|resolve|lift)")
RAISE: Final = _opens(r"(?:increase|raise|double|triple|change|alter|set|round\W+up)")
ADD: Final = _opens("add")
PAY: Final = _opens("pay")
AFRESH: Final = r"(?:(?!not\b|never\b|without\b|nicht\b|pas\b|no\b|non\b|niet\b)\w+\W+){0,5}?"
"""A few words that do not turn the order into a warning."""
_COMMANDS: Final = (
    rf"\bsudo\W+(?:\w+\W+){{0,2}}?{ACT}\b|\b(?:run|execute|exec|invoke|call)\W+(?:the\W+)?(?:\w+\W+)?(?:command|tool|function|script)\W+(?:to\W+)?{ACT}\b",
    rf"{LET}\W+(?:\w+\W+){{0,2}}?{DOCUMENT}s?\b(?!\W+(?:number|date|copy|copies|form|forms|pad|book|block|holder|stamp|terminal|pockets?|sleeves?|covers?|folders?|envelopes?|wallets?))",
    (
        r"\b(?:approve|release|clear|pay)["
        r" _]?(?:invoice|payment|all)?\(\w*\)|(?:^|\s)/(?:approve|release|clear|autopay)\b|\s--(?:force|approve|no-check|skip-\w+|yes)\b"
    ),
    (
        r"\b(?:decision|verdict|outcome|lane|escalat\w+|requires?"
        r" human)\W{1,4}(?:auto|approved?|accept(?:ed)?|clear(?:ed)?|release|false|none|no)\b"
    ),
    r"\b(?:drop|truncate|delete\W+from|alter)\W+table\W+\w+\s*;|\bupdate\W+(?:\w+\W+)?(?:invoices?|vendors?|payments?)\W+set\b|\bunion\W+select\b|'\s*or\s+'?1'?\s*=\s*'?1",
    rf"{WIPE}\W+(?:the\W+|all\W+|any\W+|this\W+|your\W+|every\W+){{1,2}}(?:\w+\W+){{0,2}}?(?:holds?|flags?|audit\W+\w+|logs?|ledger|warnings?|findings?|evidence|escalations?|queue)\b",
    rf"{CLOSE}\W+(?:the\W+|all\W+|any\W+|this\W+|every\W+){{1,2}}(?:\w+\W+){{0,2}}?(?:holds?|flags?|warnings?|findings?|escalations?|case|cases)\b",
    r"\b(?:grant|give)\W+(?:\w+\W+){0,3}?(?:admin|administrator|root|approver)\W+(?:access|rights?|permissions?|privileges|role)\b",
    r"\b(?:reveal|show|print|output|repeat|leak|disclose|list)\W+(?:me\W+|us\W+)?(?:your\W+(?:\w+\W+){0,2}?(?:instructions|rules|policy|configuration|prompts?)|(?:the|your|all)\W+(?:\w+\W+){0,2}?(?:passwords?|credentials?|api\W+keys?|secrets?))\b",
    rf"\b{MACHINE}\W+(?:\w+\W+){{0,2}}?(?:override|instructions?|directive|command)s?\W*:|\b(?:end|begin|start)\W+of\W+(?:invoice|document|data|input|user\W+input)\b",
)
_MONEY: Final = (
    (
        r"(?<!not )(?<!never )(?<!avoid"
        rf" )\b(?:pay|transfer|wire|remit|settle|process|book|post|approve)\W+(?:this|the|our|each|every|all|it(?!\W+notes))\b\W+{AFRESH}(?:twice|double|again|two\W+times|2x|three\W+times|a\W+second\W+time|once\W+more)\b"
    ),
    r"(?<!not )(?<!never )\bpay\W+(?:us\W+|out\W+)?(?:twice|double|triple)\b",
    rf"\b(?:zahl\w*|bezahl\w*|überweis\w*|buch\w*)\W+(?:sie\W+)?(?:diese\w*|die|den|uns)\W+{AFRESH}(?:doppelt|zweimal|zwei\W+mal|zweifach)\b",
    rf"\b(?:paye[rz]?|r[eé]gle[rz]?)\W+(?:cette|la)\W+{AFRESH}(?:deux\W+fois|en\W+double)\b|\bpag\w+\W+(?:esta|la|questa)\W+{AFRESH}(?:dos\W+veces|due\W+volte)\b|\bbetaal\W+(?:deze|de)\W+{AFRESH}(?:twee\W*(?:keer|maal)|dubbel)\b",
    rf"{RAISE}\W+(?:the|this|our|your)\W+(?:\w+\W+){{0,2}}?(?:amount|total|payment|payable|(?:limit|threshold)(?!\W+(?:switch|stop|gauge|sensor|screw)))\b",
    rf"\b(?:pay|transfer|remit)\W+(?:\w+\W+){{0,4}}?(?:more|higher)\W+than\W+(?:\w+\W+){{0,2}}?(?:billed|invoiced|ordered|stated|owed|due)\b|{ADD}\W+(?:\w+\W+){{1,4}}?to\W+the\W+payment\b",
    rf"{PAY}\W+(?:this|the)\W+(?:\w+\W+){{0,2}}?(?:first|before\W+(?:any|it|anyone)|even\W+(?:if|though)|regardless|no\W+matter|whatever)\b",
)
_ELSEWHERE: Final = (
    r"\b(?:bank|account|iban|payment)\W+(?:details|data|information|number|connection|instructions)\W+(?:\w+\W+){0,4}?(?:changed|updated|replaced|moved|amended)\b",
    r"\b(?:new|changed|updated|different|amended)\W+(?:bank\W+|payment\W+)?(?:account(?!\W+(?:manager|executive|rep))|iban|beneficiary)\b",
    r"\b(?:transfer|pay|wire|remit|send)\b(?:\W+\w+){0,6}?\W+to\W+(?:\w+\W+){0,2}?(?:new|other|different|alternative|updated|private|personal|temporary)\W+(?:bank\W+)?(?:account|iban)\b",
    r"\b(?:old|previous|usual|former)\W+(?:bank\W+)?account\W+(?:\w+\W+){0,3}?(?:closed|blocked|frozen|audit|longer)\b|\binstead\W+of\W+the\W+(?:old|usual|previous)\W+account\b",
    r"\b(?:update|change|amend|replace)\W+(?:our|the|my)\W+(?:\w+\W+)?(?:bank|account|iban|payment)\W+(?:details|data|number|information)\b",
    r"\b(?:our|the)\W+(?:\w+\W+){0,2}?account\W+(?:\w+\W+){0,6}?(?:closed|frozen)\b|\buse\W+the\W+(?:iban|account)\W+(?:below|following|stated)\b",
    r"\bin\W+(?:bitcoin|gift\W+cards?)\b|\bcrypto(?:currency)?\W+wallet\b",
)

MORE: Final = "|".join((*_SPEAKER, *_LET_THROUGH, *_FOREIGN, *_COMMANDS, *_MONEY, *_ELSEWHERE))

MARKUP: Final = (
    r"(?i)</?(?:system|assistant|instruction|prompt|script)|<!--|\[/?inst\]|<\|[a-z_]+\|>|font-size:\s*0|display:\s*none"
    r"|color:\s*(?:white|#fff)|#{2,}\s*(?:system|instruction|prompt)"
)
"""Marks of a conversation with a model, and of text made not to be seen."""


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, compiled when the first text is read: most commands read none, and it takes a while."""
    return re.compile(pattern)
