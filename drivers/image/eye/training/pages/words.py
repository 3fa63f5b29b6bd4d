"""What drawn pages say: words of user interfaces and of everyday life, in several languages."""

from __future__ import annotations

import random

_LATIN = """
name email password search settings profile home about contact cart checkout price total order
street city country phone age date time news events gallery team blog shop help language theme
volume brightness music photos videos messages friends family garden kitchen breakfast coffee bread
butter apples oranges bicycle train ticket holiday weather sunny rain mountain river forest school
lesson teacher homework library reading green yellow purple small medium large quantity status
active Nombre Correo Buscar Ajustes Comprar Precio Ciudad Calle Guardar Cerrar mañana jardín niño
café Suche Straße Größe Müller Zurück Weiter Übersicht Anmelden Rechnung Frühstück Schule Bücher
Accueil Réglages Prénom Adresse Envoyer Fermer déjà élève forêt Boutique panier Início Configurações
preço cidade Sök Hjälp Spara Nome Città Prezzo Cerca Aiuto
"""
_CYRILLIC = """
Имя Почта Пароль Поиск Настройки Главная Цена Город Улица Купить Войти Закрыть Язык Помощь Погода
Школа Книги Музыка Друзья Завтрак Сад Река Лес Кофе Хлеб Отправить Новости Пошук Місто
"""
_TEXTS = {"latin": _LATIN.split(), "cyrillic": _CYRILLIC.split()}
_LATIN_ACTIONS = """Save|Cancel|Send|Next|Back|Log in|Sign in|Join|Delete|Edit|Add|Apply|Close|Search|Go|Start|Stop
Try it|Read more|Learn more|Download|Upload|Print|Share|Order now|Book|Play|Reset|Yes|No
Continue|Finish|Guardar|Enviar|Speichern|Abbrechen|Weiter|Annuler|Valider|Salvar|Invia|Spara"""
_CYRILLIC_ACTIONS = """Сохранить|Отмена|Далее|Назад|Войти|Купить|Да|Нет|Отправить"""
_ACTIONS = {
    "latin": _LATIN_ACTIONS.replace("\n", "|").split("|"),
    "cyrillic": _CYRILLIC_ACTIONS.replace("\n", "|").split("|"),
}


def text_of(rng: random.Random, script: str, fewest: int = 1, most: int = 3) -> str:
    """A few words, a figure now and then, in the case of one hand."""
    words = rng.choices(_TEXTS[script], k=rng.randint(fewest, most))
    if rng.random() < 0.12:
        words[-1] = figure_of(rng)
    text = " ".join(words)
    ways = (text, text.capitalize(), text.capitalize(), text.title(), text.title(), text.upper())
    if script != "latin":
        # The Cyrillic font files hold letters alone.
        return rng.choice(ways)
    return rng.choice(ways) + rng.choice(("", "", "", "", ":", "?"))


def action_of(rng: random.Random, script: str) -> str:
    text = rng.choice(_ACTIONS[script])
    return text.upper() if rng.random() < 0.25 else text


def figure_of(rng: random.Random) -> str:
    number = rng.randint(0, 300)
    return rng.choice(
        (
            f"${number}",
            f"$ {number}.{rng.randint(10, 99)}",
            f"{number}",
            f"{number}.{rng.randint(10, 99)}",
            f"{number % 100}%",
            f"#{number}",
        )
    )
