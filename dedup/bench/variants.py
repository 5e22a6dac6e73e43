"""What the attacks of ``dedup bench robustness`` put in place of words, letters and lines."""

from __future__ import annotations


def _pairs(listed: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in listed.split())


SYNONYMS = {
    "en": _pairs(
        "about:around according:pursuant after:following ago:earlier agreed:consented "
        "allow:permit almost:nearly also:too although:though among:amid announced:declared "
        "asked:requested attack:assault based:founded because:since before:prior "
        "began:started believe:think big:large biggest:largest build:erect built:erected "
        "came:arrived chief:head children:kids city:town company:firm crops:harvests "
        "deal:agreement died:perished doctors:physicians down:lower drop:fall early:initial "
        "end:finish ended:finished expected:anticipated fall:drop families:households "
        "farmers:growers fell:dropped final:last find:discover first:initial forced:compelled "
        "found:discovered government:administration group:band had:held help:aid helped:aided "
        "higher:greater hit:struck home:house homes:houses hurt:injured increase:rise "
        "injured:hurt job:post jobs:posts killed:slain know:understand large:big "
        "latest:newest law:statute leave:depart led:headed long:lengthy main:chief "
        "many:numerous meeting:gathering month:period more:further most:largely near:close "
        "need:require new:fresh next:following now:currently number:figure office:bureau "
        "officials:authorities old:former only:just opened:started order:instruct over:above "
        "owner:proprietor part:portion plan:scheme plans:schemes police:officers "
        "power:authority price:cost prices:costs problem:difficulty put:placed "
        "quickly:rapidly reached:attained report:account reported:recounted rise:increase "
        "rose:climbed rules:regulations said:stated saying:stating says:states see:view "
        "seen:viewed sent:dispatched several:various show:reveal showed:revealed since:from "
        "small:little some:certain spokesman:representative started:began still:yet "
        "strong:robust such:similar swept:carried take:grab talks:negotiations tell:inform "
        "think:believe told:informed took:grabbed trial:study until:till use:employ "
        "used:employed wanted:wished while:whereas workers:employees works:labours"
    ),
    "es": _pairs(
        "abrió:inauguró acabó:terminó acuerdo:pacto además:asimismo afirmó:aseguró "
        "agregó:añadió ahora:actualmente alcanzó:logró algunos:varios alto:elevado "
        "antes:previamente anunció:comunicó añadió:agregó aún:todavía barrio:distrito "
        "cerca:próximo ciudad:urbe club:equipo comenzó:empezó compañía:empresa "
        "confirmó:corroboró consiguió:logró contra:ante contrato:acuerdo cuando:mientras "
        "dejó:causó después:luego dijo:manifestó dinero:capital empezó:comenzó "
        "empresa:compañía equipo:conjunto esperan:aguardan explicó:precisó fin:término "
        "final:término fuerte:intenso ganó:venció gobierno:ejecutivo gran:enorme "
        "grande:enorme grupo:conjunto hacer:realizar hizo:realizó importante:relevante "
        "indicó:señaló informó:comunicó inicio:comienzo jornada:día jugador:futbolista "
        "jóvenes:muchachos llegó:arribó logró:consiguió luego:después lugar:sitio "
        "mayor:superior mercado:plaza mientras:cuando mismo:propio momento:instante "
        "mucho:bastante muertos:fallecidos mundo:planeta murieron:fallecieron niños:menores "
        "norte:septentrión nueva:reciente nuevo:reciente nunca:jamás obtuvo:logró "
        "parte:porción pero:aunque personas:individuos plan:proyecto población:habitantes "
        "poco:escaso presentó:expuso presidente:mandatario primer:inicial primera:inicial "
        "próximo:siguiente pueblo:localidad quedó:resultó recibió:obtuvo recordó:evocó "
        "región:zona segundo:siguiente según:conforme señaló:indicó siempre:constantemente "
        "sitio:lugar solo:únicamente subió:ascendió sólo:únicamente también:asimismo "
        "tiempo:período todavía:aún trabajadores:empleados trabajo:labor tras:después "
        "triunfo:victoria vecinos:residentes ventaja:diferencia vez:ocasión victoria:triunfo "
        "viviendas:casas zona:área último:postrero últimos:recientes único:solo"
    ),
}
"""Words that a hurried hand exchanges, by language; the sense suffers, as it does there."""

SPELLINGS = _pairs(
    "aeroplane:airplane aluminium:aluminum analyse:analyze analysed:analyzed "
    "behaviour:behavior cancelled:canceled catalogue:catalog centre:center centres:centers "
    "cheque:check colour:color colours:colors criticise:criticize criticised:criticized "
    "defence:defense defences:defenses dialogue:dialog emphasise:emphasize favour:favor "
    "favoured:favored favourite:favorite fibre:fiber flavour:flavor fulfil:fulfill grey:gray "
    "harbour:harbor harbours:harbors honour:honor honoured:honored humour:humor "
    "jewellery:jewelry judgement:judgment kilometre:kilometer kilometres:kilometers "
    "labelled:labeled labour:labor licence:license litre:liter litres:liters "
    "manoeuvre:maneuver metre:meter metres:meters modelled:modeled neighbour:neighbor "
    "neighbours:neighbors offence:offense organisation:organization "
    "organisations:organizations organise:organize organised:organized paediatric:pediatric "
    "plough:plow practise:practice programme:program programmes:programs realise:realize "
    "realised:realized recognise:recognize recognised:recognized rumour:rumor "
    "sceptical:skeptical signalled:signaled signalling:signaling specialised:specialized "
    "theatre:theater theatres:theaters tonne:ton tonnes:tons towards:toward "
    "travelled:traveled traveller:traveler travelling:traveling tyre:tire tyres:tires "
    "vapour:vapor whilst:while"
)
"""British to American; the attack exchanges both ways."""

LOOKALIKES = dict(zip("aceijopsxyABCEHIKMOPSTXY", "асеіјорѕхуАВСЕНІКМОРЅТХҮ", strict=True))
"""Latin letters and Cyrillic ones that look the same."""

INVISIBLE = "\u200b\u200c\u200d\u2060\u00ad"
"""Zero-width space, non-joiner, joiner, word joiner, soft hyphen."""

MISREAD = _pairs(
    "0:O 1:l 5:S 8:B B:8 I:l O:0 S:5 a:o b:h c:e d:cl e:c f:t g:q h:b i:l l:1 m:rn n:u o:a "
    "q:g r:i t:f u:n v:y w:vv"
)
"""What a scanner reads for a letter."""

QUOTES = {
    "curly": ("“", "”"),
    "straight": ('"', '"'),
    "single": ("‘", "’"),
    "guillemets": ("«", "»"),
    "low and high": ("„", "“"),
    "doubled": ("``", "''"),
    "none": ("", ""),
}
"""Opening and closing marks."""

FURNITURE = {
    "en": (
        "Home | World | Politics | Business | Sport | Culture | Opinion",
        "Skip to main content",
        "Sign in",
        "Subscribe from £1 a week",
        "Share on Facebook Share on Twitter Share via email",
        "Read more:",
        "Most read",
        "Related articles",
        "ADVERTISEMENT",
        "Sign up to our morning newsletter and never miss a story.",
        "We use cookies to improve your experience on our website. Accept all Manage settings",
        "Follow us on Facebook, Twitter and Instagram",
        "Comments (14)",
        "Log in or register to leave a comment",
        "Photo: archive",
        "© 2024 All rights reserved. This material may not be published or redistributed.",
        "About us | Contact | Privacy policy | Terms of use | Careers",
        "Download our app",
        "Weather: 14°C, light rain",
        "You have two free articles left this month",
    ),
    "es": (
        "Inicio | Mundo | Política | Economía | Deportes | Cultura | Opinión",
        "Ir al contenido principal",
        "Iniciar sesión",
        "Suscríbete desde 1 € al mes",
        "Compartir en Facebook Compartir en Twitter Enviar por correo",
        "Leer más:",
        "Lo más leído",
        "Noticias relacionadas",
        "PUBLICIDAD",
        "Recibe cada mañana en tu correo nuestro boletín con las noticias del día.",
        "Utilizamos cookies para mejorar su experiencia. Aceptar todas Configurar",
        "Síguenos en Facebook, Twitter e Instagram",
        "Comentarios (14)",
        "Inicia sesión o regístrate para comentar",
        "Foto: archivo",
        "© 2024 Todos los derechos reservados. Prohibida su reproducción total o parcial.",
        "Quiénes somos | Contacto | Política de privacidad | Aviso legal",
        "Descarga nuestra aplicación",
        "El tiempo: 14 °C, lluvia débil",
        "Le quedan dos artículos gratis este mes",
    ),
}
"""Lines that stand around a story on a page."""

HEADLINES = {
    "de": "Was über den Fall bisher bekannt ist und wie es jetzt weitergeht",
    "en": "What is known so far about the case, and what happens next",
    "es": "Lo que se sabe hasta ahora del caso y lo que ocurrirá después",
    "fr": "Ce que l’on sait de l’affaire et ce qui va se passer maintenant",
}
"""A headline in each of several languages, for stories that no other language stands beside."""
